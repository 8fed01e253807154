import type { AdapterOptions } from '#engines/adapter.ts'
import type { Registry } from '../port.ts'
import { openConfluentRegistry } from './confluent-registry.ts'

export function open({ url, logger }: AdapterOptions): Promise<Registry> {
  return openConfluentRegistry({ url, logger })
}
