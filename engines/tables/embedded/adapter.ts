import type { AdapterOptions } from '#engines/adapter.ts'
import { folderOf } from '#engines/embedded-url.ts'
import type { Tables } from '../port.ts'
import { openEmbeddedTables } from './embedded-tables.ts'

export function open({
  url,
  logger,
  tablesMemoryBytesMax: memoryBytesMax,
}: AdapterOptions): Promise<Tables> {
  return openEmbeddedTables({ folder: folderOf(url), logger, memoryBytesMax })
}
