import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row, TableSpec } from '#schemas/tables.ts'
import { EngineError, type EngineErrorCode } from '../errors.ts'
import type { Migration, Tables } from './port.ts'

const SAMPLES = {
  name: 'samples',
  columns: {
    id: 'UInt64',
    name: 'String',
    kind: 'LowCardinality(String)',
    tags: 'Array(String)',
    small: 'UInt8',
    medium: 'UInt16',
    large: 'UInt32',
    balance: 'Int64',
    stock: 'Nullable(Int64)',
    share: 'Float64',
    minute: "DateTime('UTC')",
    at: "DateTime64(3, 'UTC')",
  },
} as const satisfies TableSpec

type Sample = Row<typeof SAMPLES>

const MIGRATION: Migration = {
  name: '001-samples',
  sql: `-- A table; with a window, so that tokens count.
CREATE TABLE IF NOT EXISTS samples (
${Object.entries(SAMPLES.columns)
  .map(([name, type]) => `  ${name} ${type}`)
  .join(',\n')}
) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100;
CREATE OR REPLACE VIEW sample_names AS SELECT id, name FROM samples WHERE name != 'a; b -- c';
`,
}

const OUTFILE = join(tmpdir(), `freshet-outfile-${process.pid}`)

const NAMES = [
  "it's",
  'back\\slash',
  'nul\0byte',
  'new\n\nline',
  '日本語 😀',
  '',
  '\\N',
  '{id:UInt64}',
  '"`$$',
]

function sample(id: number, fields: Partial<Sample> = {}): Sample {
  return {
    id,
    name: `name-${id}`,
    kind: 'plain',
    tags: [],
    small: 255,
    medium: 65_535,
    large: 4_294_967_295,
    balance: -id,
    stock: null,
    share: 0.5,
    minute: Date.UTC(2026, 0, 1, 0, 1),
    at: Date.UTC(2026, 0, 1, 0, 0, 0, 7),
    ...fields,
  }
}

function samples(from: number, to: number): Sample[] {
  return Array.from({ length: to - from }, (_, index) => sample(from + index))
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof EngineError) return error
  throw new Error(`expected an EngineError, got ${String(error)}`)
}

async function expectRefusal(promise: Promise<unknown>, words: RegExp): Promise<void> {
  const { code, message, retriable } = await failure(promise)
  expect({ code, retriable }).toEqual({
    code: 'ENGINE_REFUSED' satisfies EngineErrorCode,
    retriable: false,
  })
  expect(message).toMatch(words)
}

/** What every adapter of the port must do. `open` gives tables with nothing in them. */
export function tablesContract(name: string, open: () => Promise<Tables>): void {
  describe(`tables contract: ${name}`, () => {
    let tables: Tables

    beforeAll(async () => {
      tables = await open()
      await tables.migrate([MIGRATION])
    })

    afterAll(() => tables[Symbol.asyncDispose]())

    const count = async (condition: string): Promise<number> => {
      const [row] = await tables.query<{ n: string }>(
        `SELECT count() AS n FROM samples WHERE ${condition}`,
      )
      return Number(row?.n)
    }

    migrations(() => tables)
    inserts(() => tables, count)
    queries(() => tables)
    reads(() => tables, count)
  })
}

function migrations(tables: () => Tables): void {
  test('a migration that was applied is not applied again', async () => {
    const once: Migration = {
      name: '002-once',
      sql: 'CREATE TABLE IF NOT EXISTS once (n UInt8) ENGINE = MergeTree ORDER BY n;',
    }
    await tables().migrate([MIGRATION, once])
    await tables().command('DROP TABLE once')
    await tables().migrate([MIGRATION, once])
    expect(await tables().query('EXISTS TABLE once')).toEqual([{ result: 0 }])
  })

  test('a migration that broke off half-way is completed', async () => {
    const sql = 'CREATE TABLE IF NOT EXISTS half (n UInt8) ENGINE = MergeTree ORDER BY n;\n'
    const broken = `${sql}CREATE TABLE IF NOT EXISTS whole (n Wrong) ENGINE = MergeTree ORDER BY n;`
    await expectRefusal(tables().migrate([{ name: '003-half', sql: broken }]), /Wrong/)
    await tables().migrate([{ name: '003-half', sql: broken.replace('Wrong', 'UInt8') }])
    expect(await tables().query('EXISTS TABLE whole')).toEqual([{ result: 1 }])
  })

  test('the same migrations at the same time are each applied', async () => {
    const both: Migration[] = ['005-left', '006-right'].map((name) => ({
      name,
      sql: `CREATE TABLE IF NOT EXISTS ${name.slice(4)} (n UInt8) ENGINE = MergeTree ORDER BY n;
CREATE OR REPLACE VIEW ${name.slice(4)}_view AS SELECT n FROM ${name.slice(4)};`,
    }))
    await Promise.all(Array.from({ length: 4 }, () => tables().migrate(both)))
    expect(
      await tables().query('SELECT * FROM left_view UNION ALL SELECT * FROM right_view'),
    ).toEqual([])
    const noted = "SELECT name FROM migrations FINAL WHERE name > '005' ORDER BY name"
    expect(await tables().query(noted)).toEqual([{ name: '005-left' }, { name: '006-right' }])
  })

  test('a migration whose text changed is refused', async () => {
    const changed = { ...MIGRATION, sql: `${MIGRATION.sql}\n-- more` }
    await expectRefusal(tables().migrate([changed]), /001-samples/)
  })

  test('a migration that could not be repeated after a crash is refused', async () => {
    const sql = 'CREATE TABLE fresh (n UInt8) ENGINE = Memory;'
    await expectRefusal(tables().migrate([{ name: '004-fresh', sql }]), /004-fresh.*IF NOT EXISTS/)
  })
}

function inserts(tables: () => Tables, count: (condition: string) => Promise<number>): void {
  test('rows are there, as they were, once the insert resolved', async () => {
    const row = sample(1, {
      name: 'first',
      tags: ['a', "b'c", '😀'],
      stock: -5,
      balance: -(2 ** 53) + 1,
    })
    await tables().insert(SAMPLES, [row])
    expect(await tables().query('SELECT * FROM samples WHERE id = 1')).toEqual([
      {
        ...row,
        id: '1',
        balance: '-9007199254740991',
        stock: '-5',
        minute: '2026-01-01 00:01:00',
        at: '2026-01-01 00:00:00.007',
      },
    ])
  })

  test('integers of 64 bits are exact to the last safe one', async () => {
    await tables().insert(SAMPLES, [sample(2 ** 53 - 1, { balance: 2 ** 53 - 1, stock: 0 })])
    expect(
      await tables().query('SELECT id, balance, stock FROM samples WHERE id > 9000000000000000'),
    ).toEqual([{ id: '9007199254740991', balance: '9007199254740991', stock: '0' }])
  })

  test('times before 1970 keep their milliseconds', async () => {
    await tables().insert(SAMPLES, [sample(10, { at: -1, minute: 0 })])
    expect(await tables().query('SELECT at, minute FROM samples WHERE id = 10')).toEqual([
      { at: '1969-12-31 23:59:59.999', minute: '1970-01-01 00:00:00' },
    ])
  })

  test('text of any kind comes back as it went in', async () => {
    await tables().insert(
      SAMPLES,
      NAMES.map((text, index) => sample(20 + index, { name: text, kind: text, tags: [text] })),
    )
    const rows = await tables().query<Sample>(
      'SELECT name, kind, tags FROM samples WHERE id >= 20 AND id < 100 ORDER BY id',
    )
    expect(rows).toEqual(NAMES.map((text) => ({ name: text, kind: text, tags: [text] })))
  })

  test('the same token stores its rows once, another token or none stores them again', async () => {
    const rows = samples(100, 110)
    const times = async () => (await count('id >= 100 AND id < 110')) / rows.length
    await tables().insert(SAMPLES, rows, { token: "v1/o'rders/0/0/10" })
    await tables().insert(SAMPLES, rows, { token: "v1/o'rders/0/0/10" })
    expect(await times()).toBe(1)
    await tables().insert(SAMPLES, rows, { token: 'v1/orders/0/10/20' })
    expect(await times()).toBe(2)
    await tables().insert(SAMPLES, rows)
    await tables().insert(SAMPLES, rows)
    expect(await times()).toBe(4)
  })

  test('a batch of 10,000 rows arrives whole', async () => {
    await tables().insert(SAMPLES, samples(10_000, 20_000), { token: 'large' })
    expect(await count('id >= 10000 AND id < 20000')).toBe(10_000)
  })

  test('no rows are no work', async () => {
    await expect(tables().insert(SAMPLES, [], { token: 'empty' })).resolves.toBeUndefined()
  })

  test('inserts at the same time all arrive', async () => {
    const batches = Array.from({ length: 20 }, (_, index) => 1_000 + index * 10)
    await Promise.all(batches.map((from) => tables().insert(SAMPLES, samples(from, from + 10))))
    expect(await count('id >= 1000 AND id < 1200')).toBe(200)
  })

  test('a value that does not fit is refused with its row and column, and nothing is stored', async () => {
    const bad = { ...sample(301), small: 256 }
    await expectRefusal(tables().insert(SAMPLES, [sample(300), bad]), /row 1 .*samples.*small/)
    const missing = { ...sample(301), name: undefined } as unknown as Sample
    await expectRefusal(tables().insert(SAMPLES, [missing]), /name/)
    expect(await count('id IN (300, 301)')).toBe(0)
  })

  test('a table that does not exist is refused', async () => {
    const absent = { name: 'absent', columns: { n: 'UInt8' } } as const satisfies TableSpec
    await expectRefusal(tables().insert(absent, [{ n: 1 }]), /absent/)
  })
}

function queries(tables: () => Tables): void {
  test('parameters arrive as what they are', async () => {
    const [row] = await tables().query(
      `SELECT {s:String} AS s, {n:UInt64} AS n, {i:Int64} AS i, {f:Float64} AS f, {b:Bool} AS b, {a:Array(String)} AS a,
        {x:Nullable(String)} AS x, {t:DateTime64(3, 'UTC')} AS t, {m:DateTime('UTC')} AS m`,
      {
        parameters: {
          s: "'; DROP TABLE samples; --\\",
          n: 18446744073709551615n,
          i: -5,
          f: 0.1,
          b: true,
          a: ["a'", '\\'],
          x: null,
          t: -1,
          m: 1_000,
        },
      },
    )
    expect(row).toEqual({
      s: "'; DROP TABLE samples; --\\",
      n: '18446744073709551615',
      i: '-5',
      f: 0.1,
      b: true,
      a: ["a'", '\\'],
      x: null,
      t: '1969-12-31 23:59:59.999',
      m: '1970-01-01 00:00:01',
    })
  })

  test('a parameter that is missing, unused or of the wrong kind is refused by name', async () => {
    const query = (sql: string, parameters: Record<string, string>) =>
      tables().query(sql, { parameters })
    await expectRefusal(query('SELECT {who:String}', {}), /who/)
    await expectRefusal(query('SELECT 1', { extra: 'x' }), /extra/)
    await expectRefusal(query('SELECT {n:UInt8}', { n: '1' }), /n of type UInt8/)
  })

  test('many queries at once are all answered', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        tables().query('SELECT {n:UInt32} AS n, sum(number) AS s FROM numbers(1000)', {
          parameters: { n },
          deadlineMs: 25_000,
        }),
      ),
    )
    expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => [{ n, s: '499500' }]))
  })

  test('a query without rows is an empty list', async () => {
    expect(await tables().query('SELECT 1 WHERE 0')).toEqual([])
  })

  test('wrong SQL is refused with the message of the engine', async () => {
    await expectRefusal(
      tables().query('SELECT nothing FROM samples'),
      /nothing.*UNKNOWN_IDENTIFIER/,
    )
    await expectRefusal(tables().query('SELEC 1'), /Syntax error/)
    await expectRefusal(tables().query('SELECT * FROM absent'), /absent.*UNKNOWN_TABLE/)
  })

  test('a query is stopped at its deadline, and the next one is answered', async () => {
    const endless = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)'
    const { code, retriable } = await failure(tables().query(endless, { deadlineMs: 100 }))
    expect({ code, retriable }).toEqual({ code: 'ENGINE_TIMEOUT', retriable: true })
    expect(await tables().query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('an aborted query rejects with the reason', async () => {
    const abort = new AbortController()
    const options = { deadlineMs: 1_000, signal: abort.signal }
    const query = tables().query(
      'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)',
      options,
    )
    abort.abort(new Error('enough'))
    await expect(query).rejects.toThrow('enough')
    await expect(tables().query('SELECT 1', options)).rejects.toThrow('enough')
  })

  test('a query cannot write', async () => {
    await expectRefusal(tables().query('TRUNCATE TABLE samples'), /read/i)
  })

  test('commands write, each time they run', async () => {
    const copy = 'INSERT INTO samples (id, name) SELECT 400, {name:String}'
    await tables().command(copy, { parameters: { name: 'copied' } })
    await tables().command(copy, { parameters: { name: 'copied' } })
    await tables().command('OPTIMIZE TABLE samples FINAL')
    expect(await tables().query('SELECT name FROM samples WHERE id = 400')).toEqual([
      { name: 'copied' },
      { name: 'copied' },
    ])
  })

  test('an insert that takes longer than its deadline fails', async () => {
    const insert = tables().insert(SAMPLES, samples(100_000, 300_000), { deadlineMs: 5 })
    const { code, retriable } = await failure(insert)
    expect({ code, retriable }).toEqual({ code: 'ENGINE_TIMEOUT', retriable: true })
  })

  test('ping answers', async () => {
    await expect(tables().ping()).resolves.toBeUndefined()
  })
}

function reads(tables: () => Tables, count: (condition: string) => Promise<number>): void {
  test('a read gives the output of the engine in the format asked for', async () => {
    const sql = "SELECT toUInt64(7) AS n, 'a,b' AS s"
    expect(await tables().read(sql, 'CSVWithNames')).toBe('"n","s"\n7,"a,b"\n')
    expect(await tables().read(sql, 'JSONEachRow')).toBe('{"n":"7","s":"a,b"}\n')
    expect(await tables().read('SELECT {n:UInt8};', 'TSV', { parameters: { n: 3 } })).toBe('3\n')
    expect(await tables().read('DESCRIBE sample_names', 'TSV')).toContain('name\tString')
  })

  test.each([
    'INSERT INTO samples (id) VALUES (500)',
    'INSERT INTO samples (id) SELECT 500',
    'DROP TABLE samples',
    'TRUNCATE TABLE samples',
    'ALTER TABLE samples DELETE WHERE 1',
    'DELETE FROM samples WHERE 1',
    'CREATE TABLE other (n UInt8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE other (n UInt8)',
    'OPTIMIZE TABLE samples',
    'RENAME TABLE samples TO other',
    'SYSTEM STOP MERGES',
    'SET max_threads = 1',
    'USE system',
    'KILL QUERY WHERE 1',
    'GRANT ALL ON *.* TO someone',
    'SELECT 1; DROP TABLE samples',
    'SELECT 1 PARALLEL WITH SELECT 2',
    'SELECT 1 SETTINGS readonly = 0',
    `SELECT 1 INTO OUTFILE '${OUTFILE}'`,
    `SHOW TABLES INTO /* ? */ OUTFILE '${OUTFILE}'`,
    "SELECT * FROM file('/etc/hostname', 'LineAsString')",
    "SELECT `file`('/etc/hostname')",
    "SELECT 1 AS `a'b`, file('/etc/hostname') AS `c'd`",
    "SELECT * FROM eval('SELECT file(\\'/etc/hostname\\')')",
    "SELECT * FROM (SELECT * FROM view(SELECT FILE('/etc/hostname')))",
    "EXPLAIN SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "DESCRIBE (SELECT * FROM file('/etc/hostname', 'LineAsString'))",
    "DESCRIBE TABLE file('/etc/hostname', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', 'system.one')",
    `INSERT INTO FUNCTION file('${OUTFILE}', 'TSV', 'a String') SELECT 'x'`,
    'nonsense',
    '',
  ])('a read refuses: %s', async (sql) => {
    const before = await count('1')
    await expectRefusal(tables().read(sql, 'TSV'), /./)
    expect(await count('1')).toBe(before)
    expect(existsSync(OUTFILE)).toBe(false)
  })

  test('a read refuses a format that is not a name', async () => {
    await expectRefusal(tables().read('SELECT 1', "TSV'; DROP"), /format/)
  })

  test('a read is stopped at its deadline', async () => {
    const endless = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)'
    const { code } = await failure(tables().read(endless, 'TSV', { deadlineMs: 200 }))
    expect(code).toBe('ENGINE_TIMEOUT')
  })
}
