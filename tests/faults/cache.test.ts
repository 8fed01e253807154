import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cache } from '#engines/cache/port.ts'
import { openRedisCache } from '#engines/cache/redis/redis-cache.ts'
import { withServer } from '../servers/with-server.ts'
import { begin, type FaultName } from './fault-plan.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

const CALLS = 200
const TTL_MS = 60_000

withServer('redis', (url) => {
  describe('the cache', () => {
    const opened = new AsyncDisposableStack()
    let proxy: TcpProxy
    let near: Cache
    let cache: Cache
    beforeAll(async () => {
      const logger = pino({ level: 'silent' })
      const { port } = new URL(url)
      proxy = opened.use(await startTcpProxy({ target: Number(port) }))
      near = opened.use(await openRedisCache({ url, logger }))
      const through = url.replace(`:${port}`, `:${proxy.port}`)
      cache = opened.use(await openRedisCache({ url: through, logger, timeoutMs: 300 }))
    })
    afterAll(() => opened.disposeAsync())

    test.each<FaultName>(['down', 'slow', 'reset-after-sent', 'half-answer', 'hung'])(
      'counts nothing twice, loses nothing that it said was counted, and comes back: %s',
      async (name) => {
        const key = `faults/${randomUUID()}`
        let counted = 0
        let failed = 0
        const count = () =>
          cache.increment(key, 1, TTL_MS).then(
            () => (counted += 1),
            () => (failed += 1),
          )
        while (counted === 0) await count()
        const before = counted + failed
        await begin({ target: 'cache', name, ms: 0, bytes: 2 }, proxy)
        for (let i = 0; i < CALLS; i += 20) await Promise.all(Array.from({ length: 20 }, count))
        await proxy.heal()
        await expect.poll(() => cache.get(key).catch(() => undefined)).toBeDefined()
        const there = Number(await near.get(key))
        expect(counted + failed).toBe(before + CALLS)
        expect(there).toBeGreaterThanOrEqual(counted)
        expect(there).toBeLessThanOrEqual(counted + failed)
        expect(failed > 0 || name === 'slow').toBe(true)
      },
    )
  })
})
