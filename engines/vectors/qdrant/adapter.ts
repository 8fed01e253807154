import type { AdapterOptions } from '#engines/adapter.ts'
import type { Vectors } from '../port.ts'
import { openQdrantVectors } from './qdrant-vectors.ts'

export function open({ url, logger }: AdapterOptions): Promise<Vectors> {
  return openQdrantVectors({ url, logger })
}
