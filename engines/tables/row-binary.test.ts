import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RAW_EVENTS, type TableSpec } from '#schemas/tables.ts'
import { EngineError } from '../errors.ts'
import { rowEncoder } from './row-binary.ts'

function one(type: TableSpec['columns'][string], value: unknown): Buffer {
  const table = { name: 'one', columns: { c: type } } satisfies TableSpec
  return rowEncoder(table)([{ c: value as never }])
}

/** The string that RowBinary bytes hold, read independently of the encoder. */
function readString(bytes: Buffer): string {
  let length = 0
  let shift = 0
  let at = 0
  for (;;) {
    const byte = bytes.readUInt8(at)
    at += 1
    length += (byte & 0x7f) * 2 ** shift
    shift += 7
    if (byte < 0x80) break
  }
  expect(bytes.length).toBe(at + length)
  return bytes.toString('utf8', at)
}

test('values have the bytes that the format prescribes', () => {
  expect(one('UInt8', 255).toString('hex')).toBe('ff')
  expect(one('UInt16', 0x1234).toString('hex')).toBe('3412')
  expect(one('UInt32', 0x1234_5678).toString('hex')).toBe('78563412')
  expect(one('Float64', -0.5)).toEqual(Buffer.from(new Float64Array([-0.5]).buffer))
  expect(one('Nullable(Int64)', null).toString('hex')).toBe('01')
  expect(one('Nullable(Int64)', 1).toString('hex')).toBe('000100000000000000')
  expect(one('Array(String)', ['a', '']).toString('hex')).toBe('02016100')
  expect(one("DateTime('UTC')", 1_999).toString('hex')).toBe('01000000')
  expect(one("DateTime64(3, 'UTC')", -1).toString('hex')).toBe('ffffffffffffffff')
})

test('integers of 64 bits are exact for every safe integer', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(one('Int64', value).readBigInt64LE()).toBe(BigInt(value))
      expect(one('UInt64', Math.abs(value)).readBigUInt64LE()).toBe(BigInt(Math.abs(value)))
    }),
  )
})

test('strings of any length and script come back', () => {
  const unit = fc.constantFrom('a', 'é', '日', '😀', '\0', "'", '\n')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 400 }), (text) => {
      expect(readString(one('String', text))).toBe(text)
    }),
  )
})

test('strings around the steps of the length prefix come back', () => {
  for (const units of [42, 43, 127, 128, 5_461, 5_462, 16_383, 16_384, 2_097_151, 2_097_152]) {
    for (const character of ['a', 'é', '日']) {
      const text = character.repeat(units)
      expect(readString(one('String', text)) === text).toBe(true)
    }
  }
})

test('a lone surrogate becomes the replacement character', () => {
  expect(readString(one('String', 'a\ud800b'))).toBe('a\ufffdb')
})

test('the bytes of one batch do not change with the next', () => {
  const encode = rowEncoder({ name: 'one', columns: { c: 'String' } } as const)
  const first = encode([{ c: 'first' }])
  encode([{ c: 'second' }])
  expect(first.toString()).toBe('\x05first')
})

test.each([
  ['String', 1],
  ['Array(String)', 'a'],
  ['Array(String)', [1]],
  ['UInt8', 256],
  ['UInt8', -1],
  ['UInt16', 1.5],
  ['UInt32', 2 ** 32],
  ['UInt64', -1],
  ['UInt64', 2 ** 53],
  ['Int64', Number.NaN],
  ['Int64', 1n],
  ['Nullable(Int64)', undefined],
  ['Float64', '1'],
  ["DateTime('UTC')", -1],
  ["DateTime('UTC')", 2 ** 32 * 1000],
  ["DateTime64(3, 'UTC')", Date.UTC(2300, 0, 1)],
  ["DateTime64(3, 'UTC')", new Date(0)],
] as const)('%s refuses %s', (type, value) => {
  const error = captured(() => one(type, value))
  expect(error.code).toBe('ENGINE_REFUSED')
  expect(error.message).toMatch(/^row 0 of the insert into one, column c: expected /)
})

test('the error names the row and the column', () => {
  const row = Object.fromEntries(
    Object.entries(RAW_EVENTS.columns).map(([name, type]) => [
      name,
      type.includes('String') ? '' : 0,
    ]),
  )
  const error = captured(() => rowEncoder(RAW_EVENTS)([row, { ...row, payload: null }] as never))
  expect(error.message).toBe(
    'row 1 of the insert into raw_events, column payload: expected a string, got null',
  )
})

function captured(act: () => unknown): EngineError {
  try {
    act()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
