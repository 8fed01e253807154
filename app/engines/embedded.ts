import { join } from 'node:path'
import { folderOf } from './engine-url.ts'
import type { Adapters } from './engines.ts'

/** Everything inside this process, in folders that belong to it alone. */
export const EMBEDDED: Adapters = {
  async log(url, { clock, logger }) {
    const { openEmbeddedLog } = await import('#engines/log/embedded/embedded-log.ts')
    return openEmbeddedLog({ folder: folderOf(url), clock, logger })
  },
  async tables(url, { logger, tablesMemoryBytesMax: memoryBytesMax }) {
    const { openEmbeddedTables } = await import('#engines/tables/embedded/embedded-tables.ts')
    return openEmbeddedTables({ folder: folderOf(url), logger, memoryBytesMax })
  },
  async vectors(url, { logger }) {
    const { openEmbeddedVectors } = await import('#engines/vectors/embedded/embedded-vectors.ts')
    return openEmbeddedVectors({ folder: folderOf(url), logger })
  },
  async cache(_url, { clock, cacheEntriesMax: maxEntries }) {
    const { openEmbeddedCache } = await import('#engines/cache/embedded/embedded-cache.ts')
    return openEmbeddedCache({ maxEntries, clock })
  },
  async registry(url) {
    const { openEmbeddedRegistry } = await import('#engines/registry/embedded/embedded-registry.ts')
    return openEmbeddedRegistry({ file: join(folderOf(url), 'schemas.json') })
  },
}
