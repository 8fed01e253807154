import type { AdapterOptions } from '#engines/adapter.ts'
import type { Cache } from '../port.ts'
import { openEmbeddedCache } from './embedded-cache.ts'

export async function open({ clock, cacheEntriesMax: maxEntries }: AdapterOptions): Promise<Cache> {
  return openEmbeddedCache({ maxEntries, clock })
}
