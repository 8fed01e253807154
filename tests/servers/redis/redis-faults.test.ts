import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'
import { openRedisCache } from '#engines/cache/redis/redis-cache.ts'
import { RedisServer, withPrograms } from './redis-server.ts'

const logger = pino({ level: 'silent' })
const open = (url: string, timeoutMs = 2_000) => openRedisCache({ url, logger, timeoutMs })
/** Repeats a check until it holds. */
const eventually = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 120_000 })

const away = { code: 'ENGINE_UNAVAILABLE', retriable: true }

withPrograms(['redis-server'], () => {
  describe('a server that is down', () => {
    test('is reported by the calls, and found when it comes', async () => {
      await using server = await RedisServer.prepare()
      await using cache = await open(`redis://${server.address}`)
      await expect(cache.get('a')).rejects.toMatchObject(away)
      await expect(cache.ping()).rejects.toThrow(server.address)
      await server.start()
      await eventually(() => cache.ping())
      await cache.set('a', '1', 10_000)
      expect(await cache.get('a')).toBe('1')
    })

    test('has no queue: calls that failed while it was away are not done later', async () => {
      await using server = await RedisServer.start()
      await using cache = await open(`redis://${server.address}`)
      expect(await cache.increment('n', 1, 60_000)).toBe(1)
      await server.kill()
      const asked = Array.from({ length: 1_000 }, () => cache.increment('n', 1, 60_000))
      const outcomes = await Promise.allSettled(asked)
      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
      await server.start()
      await eventually(() => cache.ping())
      expect(await cache.get('n')).toBeUndefined()
    })
  })

  test('a server that hangs is given up, then not waited for, and found when it goes on', async () => {
    await using server = await RedisServer.start()
    await using cache = await open(`redis://${server.address}`, 200)
    server.freeze()
    await expect(cache.increment('n', 1, 60_000)).rejects.toMatchObject({ retriable: true })
    await eventually(() => expect(cache.get('a')).rejects.toMatchObject(away))
    server.thaw()
    await eventually(() => cache.ping())
    // It had been received; sent again, it would be 2.
    expect([undefined, '1']).toContain(await cache.get('n'))
  })

  test('opening does not wait longer than its time for a server that hangs', async () => {
    await using server = await RedisServer.start()
    server.freeze()
    await using cache = await open(`redis://${server.address}`, 200)
    await expect(cache.get('a')).rejects.toMatchObject({ retriable: true })
    server.thaw()
    await eventually(() => cache.ping())
  })

  describe('a login', () => {
    const SECRET = 'open sesame/@:?'
    const written = encodeURIComponent(SECRET)

    test('that is wrong is refused in the words of the server, without the password', async () => {
      await using server = await RedisServer.start('--requirepass', SECRET)
      for (const login of ['', ':wrong-one@', 'ann:wrong-one@']) {
        await using cache = await open(`redis://${login}${server.address}`)
        const asking = cache.get('a')
        await expect(asking).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
        await expect(asking).rejects.toThrow(login === '' ? /NOAUTH/ : /WRONGPASS/)
        await expect(asking).rejects.not.toThrow('wrong-one')
      }
    })

    test('that is right is accepted, and again after a restart', async () => {
      await using server = await RedisServer.start('--requirepass', SECRET)
      await using cache = await open(`redis://:${written}@${server.address}`)
      await expect(cache.ping()).resolves.toBeUndefined()
      await server.kill()
      await server.start()
      await eventually(() => expect(cache.ping()).resolves.toBeUndefined())
    })

    test('may allow less than is asked for', async () => {
      await using server = await RedisServer.start(
        '--user',
        ...'ann on >pw ~* +@all -set'.split(' '),
      )
      await using cache = await open(`redis://ann:pw@${server.address}`)
      expect(await cache.get('a')).toBeUndefined()
      const setting = cache.set('a', '1', 1_000)
      await expect(setting).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
      await expect(setting).rejects.toThrow(/NOPERM/)
    })
  })

  test('a full server is overloaded, with what to do', async () => {
    await using server = await RedisServer.start('--maxmemory', '1mb')
    await using cache = await open(`redis://${server.address}`)
    const setting = cache.set('a', 'x'.repeat(2_000_000), 10_000)
    await expect(setting).rejects.toMatchObject({ code: 'ENGINE_OVERLOADED', retriable: true })
    await expect(setting).rejects.toThrow(/allkeys-lru/)
  })

  test('databases and prefixes keep users of one server apart', async () => {
    await using server = await RedisServer.start()
    await using one = await open(`redis://${server.address}`)
    await using other = await open(`redis://${server.address}/3`)
    await using third = await open(`redis://${server.address}?prefix=shop:`)
    await using bare = await open(`redis://${server.address}?prefix=`)
    await one.set('a', '1', 10_000)
    await third.increment('n', 5, 10_000)
    expect(await other.get('a')).toBeUndefined()
    expect(await third.get('a')).toBeUndefined()
    expect(await bare.get('freshet:a')).toBe('1')
    expect(await bare.get('shop:n')).toBe('5')
  })

  test('a counter always has its expiry', async () => {
    await using server = await RedisServer.start()
    await using cache = await open(`redis://${server.address}`)
    await cache.increment('n', 1, 0.2)
    await eventually(async () => expect(await cache.get('n')).toBeUndefined())
  })

  test('a closed cache says so', async () => {
    await using server = await RedisServer.start()
    const cache = await open(`redis://${server.address}`)
    await cache[Symbol.asyncDispose]()
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'ENGINE_CLOSED', retriable: false })
  })
})
