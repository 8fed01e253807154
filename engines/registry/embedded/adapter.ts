import { join } from 'node:path'
import type { AdapterOptions } from '#engines/adapter.ts'
import { folderOf } from '#engines/embedded-url.ts'
import type { Registry } from '../port.ts'
import { openEmbeddedRegistry } from './embedded-registry.ts'

export function open({ url }: AdapterOptions): Promise<Registry> {
  return openEmbeddedRegistry({ file: join(folderOf(url), 'schemas.json') })
}
