import type { AdapterOptions } from '#engines/adapter.ts'
import { folderOf } from '#engines/embedded-url.ts'
import type { Vectors } from '../port.ts'
import { openEmbeddedVectors } from './embedded-vectors.ts'

export function open({ url, logger }: AdapterOptions): Promise<Vectors> {
  return openEmbeddedVectors({ folder: folderOf(url), logger })
}
