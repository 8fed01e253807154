import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { withEngine } from '#engines/test-engines.ts'
import { cacheContract } from '../contract.ts'
import { openRedisCache } from './redis-cache.ts'

const logger = pino({ level: 'silent' })

withEngine('redis', (url) => {
  cacheContract('the cache on Redis', async () => ({
    cache: await openRedisCache({ url, logger }),
    pass: (ms) => setTimeout(ms),
  }))
})
