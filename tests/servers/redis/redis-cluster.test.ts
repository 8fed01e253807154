import { execFile } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { cacheContract } from '#engines/cache/contract.ts'
import { openRedisCache } from '#engines/cache/redis/redis-cache.ts'
import { freePort, RedisServer, withPrograms } from './redis-server.ts'

const logger = pino({ level: 'silent' })
const run = promisify(execFile)

withPrograms(['redis-server', 'redis-cli'], () => {
  const nodes: RedisServer[] = []
  let url: string

  beforeAll(async () => {
    for (let i = 0; i < 3; i++) {
      const busPort = `${await freePort()}`
      const args = ['--cluster-enabled', 'yes', '--cluster-port', busPort]
      nodes.push(await RedisServer.start(...args, '--cluster-node-timeout', '1000'))
    }
    const addresses = nodes.map(({ address }) => address)
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'])
    // The first is gone in the last test; the others know the nodes.
    url = `redis-cluster://${addresses.join(',')}`
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
  })

  cacheContract('the cache on a Redis cluster', async () => ({
    cache: await openRedisCache({ url, logger }),
    pass: (ms) => setTimeout(ms),
  }))

  test('keys of all nodes are found through any of them', async () => {
    await using one = await openRedisCache({ url, logger })
    const last = nodes.at(-1)?.address
    await using other = await openRedisCache({ url: `redis-cluster://${last}`, logger })
    const keys = Array.from({ length: 100 }, (_, i) => `key:${i}`)
    await Promise.all(keys.map((key, i) => one.set(key, `${i}`, 60_000)))
    const values = await Promise.all(keys.map((key) => other.get(key)))
    expect(values).toEqual(keys.map((_, i) => `${i}`))
  })

  test('a node that is gone makes calls fail soon, and they work again with it', async () => {
    await using cache = await openRedisCache({ url, logger, timeoutMs: 500 })
    await nodes[0]?.kill()
    const keys = Array.from({ length: 20 }, (_, i) => `key:${i}`)
    const asked = await Promise.allSettled(keys.map((key) => cache.increment(key, 1, 60_000)))
    const failed = asked.filter(({ status }) => status === 'rejected')
    expect(failed.length).toBeGreaterThan(0)
    for (const outcome of failed) {
      expect(outcome).toMatchObject({ reason: { name: 'EngineError', retriable: true } })
    }
    await nodes[0]?.start()
    await vi.waitFor(() => Promise.all(keys.map((key) => cache.set(key, '1', 60_000))), {
      timeout: 120_000,
    })
  })

  test('a server that is not part of a cluster is refused in its own words', async () => {
    await using single = await RedisServer.start()
    await using cache = await openRedisCache({ url: `redis-cluster://${single.address}`, logger })
    const asking = cache.get('a')
    await expect(asking).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
    await expect(asking).rejects.toThrow(/cluster support disabled/)
  })
})
