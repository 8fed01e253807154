import type { ColumnType, Row, TableSpec } from '#schemas/tables.ts'
import { refused } from '../errors.ts'
import { RowBuffer } from './row-buffer.ts'

type Write = (to: RowBuffer, value: unknown) => void

/** Writes rows of one table as ClickHouse RowBinary, columns in the order of the spec. */
export type RowEncoder<T extends TableSpec> = (rows: readonly Row<T>[]) => Buffer

/**
 * Compiles the encoder of a table. Each call returns a new buffer, which the engine may read later.
 * @throws EngineError ENGINE_REFUSED, from the encoder, naming the row and column whose value does not fit
 */
export function rowEncoder<T extends TableSpec>(table: T): RowEncoder<T> {
  const columns = Object.entries(table.columns).map(([name, type]) => ({
    name,
    write: WRITERS[type],
  }))
  let bytesPerRow = 256
  return (rows) => {
    const to = new RowBuffer(Math.ceil(rows.length * bytesPerRow * 1.1) + 64)
    const at = { row: 0, column: '' }
    try {
      for (const row of rows as readonly Readonly<Record<string, unknown>>[]) {
        for (const { name, write } of columns) {
          at.column = name
          write(to, row[name])
        }
        at.row += 1
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      const where = `row ${at.row} of the insert into ${table.name}, column ${at.column}`
      throw refused(`${where}: ${error.message}`)
    }
    if (rows.length > 0) bytesPerRow = to.length / rows.length
    return to.bytes()
  }
}

/** The header of RowBinaryWithNamesAndTypes: the names and types of the columns. */
export function rowBinaryHeader(table: TableSpec): Buffer {
  const to = new RowBuffer(1_024)
  const columns = Object.entries(table.columns)
  to.varint(columns.length)
  for (const [name] of columns) to.string(name)
  for (const [, type] of columns) to.string(type)
  return to.bytes()
}

const WRITERS: Readonly<Record<ColumnType, Write>> = {
  String: string,
  'LowCardinality(String)': string,
  'Array(String)': strings,
  UInt8: (to, value) => to.uint8(unsigned(value, 0xff)),
  UInt16: (to, value) => to.uint16(unsigned(value, 0xffff)),
  UInt32: (to, value) => to.uint32(unsigned(value, 0xffff_ffff)),
  UInt64: (to, value) => to.int64(unsigned(value, Number.MAX_SAFE_INTEGER)),
  Int64: (to, value) => to.int64(integer(value)),
  'Nullable(Int64)': nullableInteger,
  Float64: (to, value) => to.float64(float(value)),
  "DateTime('UTC')": seconds,
  "DateTime64(3, 'UTC')": milliseconds,
}

function string(to: RowBuffer, value: unknown): void {
  if (typeof value !== 'string') throw unfit('a string', value)
  to.string(value)
}

function strings(to: RowBuffer, value: unknown): void {
  if (!Array.isArray(value)) throw unfit('an array of strings', value)
  to.varint(value.length)
  for (const item of value) string(to, item)
}

function nullableInteger(to: RowBuffer, value: unknown): void {
  if (value === null) {
    to.uint8(1)
    return
  }
  const checked = integer(value)
  to.uint8(0)
  to.int64(checked)
}

function seconds(to: RowBuffer, value: unknown): void {
  const whole = Math.floor(integer(value) / 1000)
  if (whole < 0 || whole > 0xffff_ffff) throw unfit('a time from 1970 to 2106', value)
  to.uint32(whole)
}

/** The range of the engine's DateTime64. */
const FIRST_MS = Date.UTC(1900, 0, 1)
const END_MS = Date.UTC(2300, 0, 1)

function milliseconds(to: RowBuffer, value: unknown): void {
  const checked = integer(value)
  if (checked < FIRST_MS || checked >= END_MS) throw unfit('a time from 1900 to 2299', value)
  to.int64(checked)
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw unfit('a safe integer', value)
  return value as number
}

function unsigned(value: unknown, high: number): number {
  const checked = integer(value)
  if (checked < 0 || checked > high) throw unfit(`an integer from 0 to ${high}`, value)
  return checked
}

function float(value: unknown): number {
  if (typeof value !== 'number') throw unfit('a number', value)
  return value
}

function unfit(expected: string, value: unknown): TypeError {
  const got = typeof value === 'number' || value === null ? String(value) : typeof value
  return new TypeError(`expected ${expected}, got ${got}`)
}
