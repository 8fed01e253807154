import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cacheContract } from '#engines/cache/contract.ts'
import { openRedisCache } from '#engines/cache/redis/redis-cache.ts'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { freePort, RedisServer, withPrograms } from './redis-server.ts'

const logger = pino({ level: 'silent' })
const SELF_SIGNED =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=redis -addext subjectAltName=IP:127.0.0.1'

withPrograms(['redis-server', 'openssl'], () => {
  const folder = temporaryFolder()
  let server: RedisServer
  let host: string
  let ca: string

  beforeAll(async () => {
    ca = join(folder, 'ca.pem')
    const key = join(folder, 'key.pem')
    const args = [...SELF_SIGNED.split(' '), '-keyout', key, '-out', ca]
    execFileSync('openssl', args, { stdio: 'ignore' })
    const port = await freePort()
    host = `127.0.0.1:${port}`
    const files = ['--tls-cert-file', ca, '--tls-key-file', key, '--tls-auth-clients', 'no']
    server = await RedisServer.start('--tls-port', `${port}`, ...files)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  cacheContract('the cache on Redis through TLS', async () => ({
    cache: await openRedisCache({ url: `rediss://${host}?ca=${ca}`, logger }),
    pass: (ms) => setTimeout(ms),
  }))

  test('a certificate of an unknown authority is not trusted', async () => {
    await using cache = await openRedisCache({ url: `rediss://${host}`, logger })
    const asking = cache.ping()
    await expect(asking).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    await expect(asking).rejects.toThrow(/self-signed certificate/)
  })
})
