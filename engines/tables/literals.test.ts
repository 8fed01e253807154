import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { EngineError } from '../errors.ts'
import { openEmbeddedTables } from './embedded/embedded-tables.ts'
import { renderParameters } from './literals.ts'
import type { QueryParameter } from './port.ts'

const folder = await mkdtemp(join(tmpdir(), 'freshet-literals-'))
const tables = await openEmbeddedTables({ folder, readers: 1 })

afterAll(async () => {
  await tables[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function echo(type: string, value: QueryParameter): Promise<unknown> {
  const sql = `SELECT {v:${type}} AS v, toTypeName(v) AS type`
  const [row] = await tables.query<{ v: unknown; type: string }>(sql, { parameters: { v: value } })
  return row
}

/** Strings that are mostly made of what could end a literal. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "'",
      '\\',
      '"',
      '`',
      '\0',
      '\n',
      ';',
      '--',
      '/*',
      '{v:String}',
      '😀',
      '\u0085',
      '0',
      'x41',
      'N',
    ),
    fc.string({ unit: 'binary', maxLength: 2 }),
  ),
})

test('any string comes back as itself', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      expect(await echo('String', text)).toEqual({ v: text.toWellFormed(), type: 'String' })
    }),
    { numRuns: 500 },
  )
})

test('any list of strings comes back as itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (texts) => {
      const v = texts.map((text) => text.toWellFormed())
      expect(await echo('Array(String)', texts)).toEqual({ v, type: 'Array(String)' })
    }),
  )
})

test('any float and any integer of 64 bits comes back as itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
      const [row] = await tables.query<{ v: string }>(
        'SELECT hex(reinterpretAsString({v:Float64})) AS v',
        { parameters: { v: value } },
      )
      const bits = Buffer.from(new Float64Array([value]).buffer)
        .toString('hex')
        .replace(/(00)+$/, '')
      expect(row?.v.toLowerCase().replace(/(00)+$/, '')).toBe(bits)
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), async (value) => {
      expect(await echo('Int64', value)).toEqual({ v: String(value), type: 'Int64' })
    }),
  )
})

test('any time that the engine knows comes back as itself', async () => {
  const times = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2299, 11, 31) })
  await fc.assert(
    fc.asyncProperty(times, async (ms) => {
      const v = new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
      expect(await echo("DateTime64(3, 'UTC')", ms)).toEqual({ v, type: "DateTime64(3, 'UTC')" })
    }),
  )
})

test.each<[string, QueryParameter, unknown]>([
  ['UInt8', 255, 255],
  ['Int8', -128, -128],
  ['UInt64', 2n ** 64n - 1n, '18446744073709551615'],
  ['Bool', false, false],
  ['Nullable(String)', null, null],
  ['Nullable(Int64)', -1, '-1'],
  ['Array(UInt32)', [1, 2], [1, 2]],
  ['Array(Float64)', [0.1, 1e300], [0.1, 1e300]],
  ['Array(String)', [], []],
  ["DateTime('UTC')", 61_999, '1970-01-01 00:01:01'],
  ["DateTime('Europe/Paris')", 0, '1970-01-01 01:00:00'],
])('%s keeps its type and value %s', async (type, value, v) => {
  expect(await echo(type, value)).toEqual({ v, type })
})

test('an identifier names a column', () => {
  expect(renderParameters('SELECT {c:Identifier}', { c: 'order_id' })).toBe('SELECT `order_id`')
})

test('a placeholder in quotes or a comment is text', () => {
  const sql = 'SELECT \'{a:String}\', "{b:String}", {c : String} -- {d:String}\n/* {e:String} */'
  expect(renderParameters(sql, { c: '$&{a:String}' })).toBe(
    "SELECT '{a:String}', \"{b:String}\", '$&{a:String}' -- {d:String}\n/* {e:String} */",
  )
})

test('a parameter may be used twice', () => {
  expect(renderParameters('{a:String}{a:String}', { a: 'x' })).toBe("'x''x'")
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['{a:String}', {}, /^parameter a has no value$/],
  ['{toString:String}', {}, /^parameter toString has no value$/],
  ['1', { a: 'x' }, /^the query has no parameter a$/],
  ["'{a:String}'", { a: 'x' }, /^the query has no parameter a$/],
  ['{a:UUID}', { a: 'x' }, /^parameter a has the unknown type UUID$/],
  ['{a:Array(UUID)}', { a: ['x'] }, /unknown type Array\(UUID\)$/],
  ['{a:Array(Identifier)}', { a: ['x'] }, /unknown type/],
  ['{a:String}', { a: 1 }, /^parameter a of type String: expected a string, got the number 1$/],
  ['{a:String}', { a: null }, /got null$/],
  ['{a:String}', { a: undefined }, /got undefined$/],
  ['{a:UInt8}', { a: 256 }, /^parameter a of type UInt8: 256 is out of range$/],
  ['{a:UInt64}', { a: -1 }, /out of range$/],
  ['{a:Int64}', { a: 2 ** 53 }, /expected a safe integer/],
  ['{a:Int64}', { a: 1.5 }, /expected a safe integer/],
  ['{a:Int64}', { a: '1 OR 1' }, /expected a safe integer/],
  ['{a:Float64}', { a: '1' }, /expected a number/],
  ['{a:Bool}', { a: 1 }, /expected a boolean/],
  ['{a:Array(String)}', { a: 'x' }, /expected an array/],
  ['{a:Array(UInt8)}', { a: [1, '2'] }, /expected a safe integer/],
  ["{a:DateTime('UTC')}", { a: -1 }, /out of range$/],
  ["{a:DateTime64(3, 'UTC')}", { a: new Date(0) }, /expected a safe integer/],
  ['{a:Identifier}', { a: 'a` FROM' }, /expected letters, digits and underscores$/],
])('%s with %o is refused', (sql, parameters, message) => {
  const render = () => renderParameters(sql, parameters as Record<string, QueryParameter>)
  expect(render).toThrow(EngineError)
  expect(render).toThrow(message)
})
