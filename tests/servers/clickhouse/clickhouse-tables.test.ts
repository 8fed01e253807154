import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { openClickHouseTables } from '#engines/tables/clickhouse/clickhouse-tables.ts'
import { replicatedDdl } from '#engines/tables/clickhouse/replicated-ddl.ts'
import { tablesContract } from '#engines/tables/contract.ts'
import { tablesSchemaContract } from '#engines/tables/contract-schema.ts'
import { loadMigrations, pendingMigrations } from '#engines/tables/migrations.ts'
import { statementsOf } from '#engines/tables/sql-text.ts'
import { RAW_EVENTS } from '#schemas/tables.ts'
import { testClickHouse } from './open-clickhouse.ts'

const MIGRATIONS = await loadMigrations(new URL('../../../schemas/tables/', import.meta.url))
const ENDLESS = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)'
const NUMBERS = { name: 'numbers', columns: { n: 'UInt8' } } as const
const CREATE_NUMBERS = `CREATE TABLE IF NOT EXISTS numbers (n UInt8) ENGINE = MergeTree ORDER BY n
  SETTINGS non_replicated_deduplication_window = 100`

const server = await testClickHouse()
afterAll(() => server[Symbol.asyncDispose]())
const open = (database: string) => openClickHouseTables({ url: server.urlOf(database) })

tablesContract('clickhouse', () => open('contract'))
tablesSchemaContract('clickhouse', () => open('schema'))

test('processes that migrate an empty server at the same time all succeed', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => open('together')))
  await Promise.all(all.map((tables) => tables.migrate(MIGRATIONS)))
  const [tables] = all
  expect(await tables?.query('SELECT name FROM migrations FINAL ORDER BY name')).toEqual(
    MIGRATIONS.map(({ name }) => ({ name })),
  )
  await Promise.all(all.map((each) => each[Symbol.asyncDispose]()))
})

test('a server without the database is alive, and says what is missing', async () => {
  await using tables = await open('absent')
  await tables.ping()
  expect(await pendingMigrations(tables, MIGRATIONS)).toEqual(MIGRATIONS)
  await expect(tables.query('SELECT 1')).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringMatching(/absent.*UNKNOWN_DATABASE/) as string,
  })
})

test('what one call sets does not reach the next', async () => {
  await using tables = await open('settings')
  await tables.migrate([{ name: '001-numbers', sql: CREATE_NUMBERS }])
  for (let round = 0; round < 3; round += 1) {
    await tables.insert(NUMBERS, [{ n: 1 }], { token: 'once' })
    await tables.insert(NUMBERS, [{ n: 2 }])
    await tables.query('SELECT 1', { deadlineMs: 3_000 })
    await tables.command('INSERT INTO numbers SELECT 3')
  }
  expect(
    await tables.query('SELECT n, count() AS times FROM numbers GROUP BY n ORDER BY n'),
  ).toEqual([
    { n: 1, times: '1' },
    { n: 2, times: '3' },
    { n: 3, times: '3' },
  ])
  const settings =
    "getSetting('insert_deduplication_token') AS token, getSetting('max_execution_time') AS s"
  expect(await tables.query(`SELECT ${settings}`, { deadlineMs: 7_000 })).toEqual([
    { token: '', s: expect.closeTo(7, 0) as number },
  ])
})

test('columns of another type than the table has are refused, not misread', async () => {
  await using tables = await open('types')
  await tables.migrate([{ name: '001-numbers', sql: CREATE_NUMBERS }])
  const wider = { name: 'numbers', columns: { n: 'UInt64' } } as const
  await expect(tables.insert(wider, [{ n: 7 }])).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining("Type of 'n' must be UInt8, not UInt64") as string,
  })
  expect(await tables.query('SELECT n FROM numbers')).toEqual([])
})

test.each([
  ['of many values', 'SELECT number FROM numbers(1000000)', /Limit for result exceeded/],
  ['of long text', "SELECT repeat('x', 700000) FROM numbers(2)", /more than 1000000 bytes/],
])('a result that would fill the memory is refused: %s', async (_, sql, words) => {
  const url = server.urlOf('contract')
  await using tables = await openClickHouseTables({ url, resultBytesMax: 1_000_000 })
  for (const call of [tables.query(sql), tables.read(sql, 'TSV')]) {
    await expect(call).rejects.toMatchObject({
      code: 'ENGINE_REFUSED',
      message: expect.stringMatching(words) as string,
    })
  }
})

test('a query that nobody waits for any more is stopped in the server', async () => {
  await using tables = await open('contract')
  const running = () =>
    tables.query("SELECT query FROM system.processes WHERE query LIKE 'SELECT sum(sipHash64%'")
  const abort = new AbortController()
  const query = tables.query(ENDLESS, { deadlineMs: 60_000, signal: abort.signal })
  query.catch(() => undefined)
  await vi.waitUntil(async () => (await running()).length > 0, { timeout: 120_000 })
  abort.abort(new Error('enough'))
  await expect(query).rejects.toThrow('enough')
  await vi.waitUntil(async () => (await running()).length === 0, { timeout: 120_000 })
})

test('calls that were aborted give their place back', async () => {
  await using tables = await open('contract')
  const options = { deadlineMs: 120_000, signal: AbortSignal.timeout(50) }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, () => tables.query(ENDLESS, options)),
  )
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']))
  const answers = Array.from({ length: 40 }, () => tables.query('SELECT 1 AS one'))
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 40 }, () => [{ one: 1 }]))
})

test('closed tables refuse, and what was running is finished first', async () => {
  const tables = await open('contract')
  const running = tables.query('SELECT sleep(0.3) AS slept')
  await setTimeout(50)
  await tables[Symbol.asyncDispose]()
  expect(await running).toEqual([{ slept: 0 }])
  const refused = { code: 'ENGINE_CLOSED', retriable: false }
  await expect(tables.query('SELECT 1')).rejects.toMatchObject(refused)
  await expect(tables.insert(RAW_EVENTS, [])).rejects.toMatchObject(refused)
})

test('the parser of the engine accepts the tables of a cluster', async () => {
  await using tables = await open('contract')
  const statements = MIGRATIONS.flatMap(({ sql }) => statementsOf(sql))
  for (const statement of statements) {
    const sql = replicatedDdl(statement, 'prod')
    const [row] = await tables.query<{ parsed: string }>(
      'SELECT formatQuerySingleLine({sql:String}) AS parsed',
      { parameters: { sql } },
    )
    expect(row?.parsed).toContain(' ON CLUSTER prod ')
  }
})
