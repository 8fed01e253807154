import type { AdapterOptions } from '#engines/adapter.ts'
import type { Tables } from '../port.ts'
import { openClickHouseTables } from './clickhouse-tables.ts'

export function open({ url }: AdapterOptions): Promise<Tables> {
  return openClickHouseTables({ url })
}
