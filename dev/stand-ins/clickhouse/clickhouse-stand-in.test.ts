import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startClickHouseStandIn } from './start-clickhouse-stand-in.ts'

const folder = await mkdtemp(join(tmpdir(), 'freshet-stand-in-'))
const standIn = await startClickHouseStandIn({ folder })
const url = `http://${new URL(standIn.url).host}`
const clients: ClickHouseClient[] = []

afterAll(async () => {
  for (const client of clients) await client.close()
  await standIn[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function clientWith(config: Parameters<typeof createClient>[0] = {}): ClickHouseClient {
  const client = createClient({ url, log: { level: ClickHouseLogLevel.OFF }, ...config })
  clients.push(client)
  return client
}

describe('ClickHouse client', () => {
  const client = clientWith({ database: 'shop' })

  beforeAll(async () => {
    await clientWith().command({ query: 'CREATE DATABASE shop' })
    await client.command({
      query: 'CREATE TABLE items (id UInt64, name String) ENGINE = MergeTree ORDER BY id',
    })
  })

  test('finds ClickHouse behind the stand-in', async () => {
    expect(await client.ping()).toEqual({ success: true })
    expect(await client.ping({ select: true })).toEqual({ success: true })
    const result = await client.query({
      query: 'SELECT version() AS version, currentDatabase() AS d',
    })
    expect(await result.json()).toMatchObject({
      data: [{ version: expect.stringMatching(/^26\./) as string, d: 'shop' }],
    })
    expect(result.response_headers['x-freshet-stand-in']).toBe('chDB')
  })

  test.each([false, true])('inserts and asks, compressed: %s', async (compressed) => {
    const compression = { request: compressed, response: compressed }
    const own = clientWith({ database: 'shop', compression })
    await own.command({ query: 'TRUNCATE TABLE items' })
    const { executed, summary } = await own.insert({
      table: 'items',
      values: [
        { id: '18446744073709551615', name: "it's\n\n日本語" },
        { id: 1, name: '' },
      ],
      format: 'JSONEachRow',
    })
    expect({ executed, rows: summary?.written_rows }).toEqual({ executed: true, rows: '2' })
    await own.insert({
      table: 'items',
      values: Readable.from(['2,b\n3,"c\n"\n'], { objectMode: false }),
      format: 'CSV',
    })
    const result = await own.query({
      query: 'SELECT * FROM items ORDER BY id',
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    })
    expect(await result.json()).toEqual([
      { id: '1', name: '' },
      { id: '2', name: 'b' },
      { id: '3', name: 'c\n' },
      { id: '18446744073709551615', name: "it's\n\n日本語" },
    ])
    expect(result.response_headers['content-encoding']).toBe(compressed ? 'gzip' : undefined)
  })

  test('binds parameters', async () => {
    const result = await client.query({
      query:
        'SELECT {s:String} AS s, {n:UInt8} AS n, {a:Array(String)} AS a, {x:Nullable(String)} AS x',
      query_params: { s: "a\tb\\ 'c'", n: 5, a: ["'", '\\'], x: null },
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ s: "a\tb\\ 'c'", n: 5, a: ["'", '\\'], x: null }])
  })

  test('settings hold for one request', async () => {
    const threads = async (settings?: Record<string, number>) => {
      const result = await client.query({
        query: "SELECT getSetting('max_threads') AS n",
        format: 'JSONEachRow',
        ...(settings === undefined ? {} : { clickhouse_settings: settings }),
      })
      return result.json()
    }
    expect(await threads({ max_threads: 7 })).toEqual([{ n: 7 }])
    expect(await threads()).toEqual([{ n: 2 }])
  })

  test('receives codes and names of exceptions', async () => {
    const code = (query: string, clickhouse_settings = {}) =>
      client.query({ query, clickhouse_settings }).then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(await code('SELEC 1')).toMatchObject({ code: '62', type: 'SYNTAX_ERROR' })
    expect(await code('SELECT * FROM absent')).toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' })
    expect(await code('SELECT 1', { no_such: 1 })).toMatchObject({ code: '115' })
    expect(await code('DROP TABLE items', { readonly: '1' })).toMatchObject({ code: '164' })
    const limited = { max_execution_time: 0.1 }
    const endless = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)'
    expect(await code(endless, limited)).toMatchObject({ code: '159', type: 'TIMEOUT_EXCEEDED' })
  })
})

describe('over plain HTTP', () => {
  const post = (body: string | Buffer, path = '/', headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers })

  test('a query is read from the URL or the body, and its default format is TabSeparated', async () => {
    const answer = await fetch(`${url}/?query=SELECT+1,'a'&query_id=mine`)
    expect(await answer.text()).toBe('1\ta\n')
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('mine')
    expect(answer.headers.get('x-clickhouse-format')).toBe('TabSeparated')
    expect(answer.headers.get('content-type')).toMatch(/^text\/tab-separated-values/)
    expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
      read_rows: '1',
    })
    expect(await (await post('SELECT 1 AS n FORMAT JSONEachRow')).text()).toBe('{"n":1}\n')
    expect(await (await post('1 + 1', '/?query=SELECT')).text()).toBe('2\n')
    expect(await (await fetch(url)).text()).toBe('Ok.\n')
  })

  test('an insert may come with its rows in one body, compressed', async () => {
    await post('CREATE DATABASE bodies')
    const inDatabase = '/?database=bodies'
    await post('CREATE TABLE t (s String) ENGINE = Memory', inDatabase)
    const body = gzipSync('INSERT INTO t FORMAT TSV\na\nb\n')
    expect((await post(body, inDatabase, { 'Content-Encoding': 'gzip' })).status).toBe(200)
    expect(await (await post('SELECT count() FROM t', inDatabase)).text()).toBe('2\n')
  })

  test.each([
    ['SELEC 1', 400, '62'],
    ['SELECT 1; SELECT 2', 400, '62'],
    ['', 400, '62'],
    ['SELECT nope()', 404, '46'],
    ['SELECT * FROM nope.nope', 404, '81'],
    ['SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 0.1', 408, '159'],
    ["SELECT throwIf(1, 'Code: 1.')", 500, '395'],
  ])('%j is answered %i with its exception', async (sql, status, code) => {
    const answer = await post(sql)
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([
      status,
      code,
    ])
    expect(await answer.text()).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: .*\\([A-Z_0-9]+\\)\\n$`, 's'),
    )
  })

  test('a GET cannot write', async () => {
    const answer = await fetch(`${url}/?query=CREATE+DATABASE+got`)
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164')
  })

  test('server-only features are answered with NOT_IMPLEMENTED', async () => {
    const answer = await post('SELECT 1', '/?session_id=s')
    expect(answer.status).toBe(501)
    expect(await answer.text()).toContain('session_id is not implemented by the stand-in')
  })

  test('requests of web pages are refused', async () => {
    expect((await post('SELECT 1', '/', { Origin: 'http://evil.example' })).status).toBe(403)
  })

  test('a wrong login is refused', async () => {
    for (const headers of [
      { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': 'x' },
      { Authorization: `Basic ${Buffer.from('ann:').toString('base64')}` },
    ]) {
      const answer = await post('SELECT 1', '/', headers)
      expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([
        403,
        '516',
      ])
    }
  })
})
