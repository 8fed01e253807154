import type { AdapterOptions } from '#engines/adapter.ts'
import type { Cache } from '../port.ts'
import { openRedisCache } from './redis-cache.ts'

export function open({ url, logger }: AdapterOptions): Promise<Cache> {
  return openRedisCache({ url, logger })
}
