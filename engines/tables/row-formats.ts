import type { Row, TableSpec } from '#schemas/tables.ts'
import { type RowEncoder, rowEncoder } from './row-binary.ts'

/** Row encoders by table, each compiled once. */
export class RowEncoders {
  readonly #encoders = new WeakMap<TableSpec, RowEncoder<TableSpec>>()

  /** The rows as RowBinary. @throws EngineError ENGINE_REFUSED for a value that does not fit */
  encode<T extends TableSpec>(table: T, rows: readonly Row<T>[]): Buffer {
    let encoder = this.#encoders.get(table)
    if (encoder === undefined) {
      encoder = rowEncoder<TableSpec>(table)
      this.#encoders.set(table, encoder)
    }
    return encoder(rows)
  }
}

/** Parses JSONEachRow in one call: newlines within strings are escaped, so that each newline separates rows. */
export function jsonRows<T>(jsonEachRow: string): T[] {
  return JSON.parse(`[${jsonEachRow.trimEnd().replaceAll('\n', ',')}]`) as T[]
}
