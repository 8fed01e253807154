import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { cacheContract } from '#engines/cache/contract.ts'
import { openRedisCache } from '#engines/cache/redis/redis-cache.ts'
import { withServer } from '../with-server.ts'

const logger = pino({ level: 'silent' })

withServer('redis', (url) => {
  cacheContract('the cache on Redis', async () => ({
    cache: await openRedisCache({ url, logger }),
    pass: (ms) => setTimeout(ms),
  }))
})
