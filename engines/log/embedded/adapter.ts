import type { AdapterOptions } from '#engines/adapter.ts'
import { folderOf } from '#engines/embedded-url.ts'
import type { Log } from '../port.ts'
import { openEmbeddedLog } from './embedded-log.ts'

export function open({ url, clock, logger }: AdapterOptions): Promise<Log> {
  return openEmbeddedLog({ folder: folderOf(url), clock, logger })
}
