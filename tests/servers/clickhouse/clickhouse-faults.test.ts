import type { Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { openClickHouseTables } from '#engines/tables/clickhouse/clickhouse-tables.ts'
import type { Tables } from '#engines/tables/port.ts'
import { testStandIn } from './open-clickhouse.ts'
import { answering, cuttingAfter, isWhole, testTcpServer } from './tcp-server.ts'

const NUMBERS = { name: 'numbers', columns: { n: 'UInt64' } } as const
const ROWS = Array.from({ length: 1_000 }, (_, n) => ({ n }))
const TAG = 'abcdefghijklmnop'
const EXCEPTION =
  'Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED) (version 26.7.2.1)'
const HEAD = 'HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=10\r\n'
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\nX-ClickHouse-Exception-Tag: ${TAG}\r\n\r\n`
const ONE = `${HEAD}Content-Length: 10\r\n\r\n{"one":1}\n\n`

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

/** As ClickHouse ends a body in which something went wrong. */
const MARKED = `\r\n__exception__\r\n${TAG}\r\n${EXCEPTION}\n${EXCEPTION.length + 1} ${TAG}\r\n__exception__\r\n`

/** Tables whose server does this with every connection. */
async function withServer(
  meet: (socket: Socket) => void,
  work: (tables: Tables) => Promise<void>,
): Promise<void> {
  await using server = await testTcpServer(meet)
  await using tables = await openClickHouseTables({
    url: `clickhouse://ann:secret@${server.host}/d`,
  })
  await work(tables)
}

const cut = (socket: Socket) => socket.destroy()
const reset = (socket: Socket) => socket.resetAndDestroy()

test.each([
  ['cut off', CHUNKED + chunk('{"n":1}\n') + chunk(MARKED), cut],
  ['whole', `${CHUNKED + chunk('{"n":1}\n') + chunk(MARKED)}0\r\n\r\n`, undefined],
  [
    'announced late',
    `${HEAD}X-ClickHouse-Exception-Code: 159\r\nContent-Length: ${EXCEPTION.length}\r\n\r\n${EXCEPTION}`,
    undefined,
  ],
])('an exception in the middle of the rows is an error: %s', async (_, bytes, then) => {
  await withServer(answering(bytes, then), async (tables) => {
    await expect(tables.query('SELECT n FROM t')).rejects.toMatchObject({
      code: 'ENGINE_TIMEOUT',
      retriable: true,
      message: 'Timeout exceeded. (TIMEOUT_EXCEEDED) [159]',
    })
  })
})

test('rows that speak of exceptions are rows', async () => {
  const row = '{"s":"\\r\\n__exception__ Code: 159"}\n'
  await withServer(answering(`${CHUNKED + chunk(row)}0\r\n\r\n`), async (tables) => {
    expect(await tables.query('SELECT s FROM t')).toEqual([{ s: '\r\n__exception__ Code: 159' }])
  })
})

test.each([
  ['chunks', CHUNKED + chunk('{"n":1}\n')],
  ['bytes of a known length', `${HEAD}Content-Length: 100\r\n\r\n{"n":1}\n`],
])('an answer that breaks off is an error: %s', async (_, bytes) => {
  await withServer(answering(bytes, cut), async (tables) => {
    const expected = { code: 'ENGINE_UNAVAILABLE', retriable: true }
    await expect(tables.query('SELECT n FROM t')).rejects.toMatchObject(expected)
    await expect(tables.insert(NUMBERS, ROWS)).rejects.toMatchObject(expected)
  })
})

test('an insert whose connection is reset may be repeated, and is not repeated unasked', async () => {
  let inserts = 0
  const meet = answering('', (socket) => {
    inserts += 1
    reset(socket)
  })
  await withServer(meet, async (tables) => {
    await expect(tables.insert(NUMBERS, ROWS)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      retriable: true,
    })
  })
  expect(inserts).toBe(1)
})

test('a query whose idle connection the server has closed is asked again', async () => {
  let requests = 0
  const meet = answering('', (socket) => {
    requests += 1
    if (requests === 2) reset(socket)
    else socket.write(ONE)
  })
  await withServer(meet, async (tables) => {
    expect(await tables.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(await tables.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
  expect(requests).toBe(3)
})

/** Writes down what is asked, and answers it with what the test says. */
function recording(requests: string[], answer: (request: string) => string) {
  return (socket: Socket) => {
    let asked = ''
    socket.on('data', (bytes) => {
      asked += bytes.toString('latin1')
      if (!isWhole(asked)) return
      const body = answer(asked)
      requests.push(asked)
      asked = ''
      socket.write(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`)
    })
  }
}

test('the rows of an insert travel with their length and the login, its token in the URL', async () => {
  const requests: string[] = []
  const meet = recording(requests, () => '')
  await withServer(meet, (tables) => tables.insert(NUMBERS, ROWS, { token: 'v1/a b' }))
  const [request = ''] = requests
  expect(requests).toHaveLength(1)
  const header = '\x01\x01n\x06UInt64'.length
  expect(request).toContain(`\r\nContent-Length: ${header + 8 * ROWS.length}\r\n`)
  expect(request).not.toMatch(/transfer-encoding/i)
  expect(request).toContain(`Basic ${Buffer.from('ann:secret').toString('base64')}`)
  const { searchParams } = new URL(request.split(' ')[1] ?? '', 'http://h')
  expect(Object.fromEntries(searchParams)).toMatchObject({
    query: 'INSERT INTO numbers (`n`) FORMAT RowBinaryWithNamesAndTypes',
    database: 'd',
    insert_deduplication_token: 'v1/a b',
    async_insert: '0',
    wait_end_of_query: '1',
  })
  expect(searchParams.has('insert_quorum')).toBe(false)
})

test('in a cluster definitions go to all servers, and inserts wait for most replicas', async () => {
  const requests: string[] = []
  const answer = (request: string) => (request.includes('version()') ? '26.9.1.1' : '')
  await using server = await testTcpServer(recording(requests, answer))
  await using tables = await openClickHouseTables({
    url: `clickhouse://${server.host}/shop?cluster=prod`,
  })
  await tables.migrate([{ name: '001-t', sql: 'DROP TABLE IF EXISTS t;' }])
  await tables.insert(NUMBERS, ROWS)
  const sent = requests.join('\n')
  expect(sent).toContain('CREATE DATABASE IF NOT EXISTS shop ON CLUSTER prod')
  expect(sent).toContain('CREATE TABLE IF NOT EXISTS migrations ON CLUSTER prod (')
  expect(sent).toContain('ENGINE = ReplicatedReplacingMergeTree(')
  expect(sent).toContain('DROP TABLE IF EXISTS t ON CLUSTER prod')
  expect(requests.at(-1)).toMatch(/^POST \/\?.*&insert_quorum=auto&/)
})

test('a server that is too old is refused before anything is made in it', async () => {
  const requests: string[] = []
  await withServer(
    recording(requests, () => '25.8.2.29'),
    async (tables) => {
      await expect(tables.migrate([])).rejects.toMatchObject({
        code: 'ENGINE_REFUSED',
        message: 'ClickHouse 25.8.2.29 is too old: Freshet needs 26.7 or later',
      })
    },
  )
  expect(requests).toHaveLength(1)
})

test.each([
  ['502 Bad Gateway', 'ENGINE_UNAVAILABLE', true],
  ['503 Service Unavailable', 'ENGINE_UNAVAILABLE', true],
  ['504 Gateway Timeout', 'ENGINE_TIMEOUT', true],
  ['429 Too Many Requests', 'ENGINE_OVERLOADED', true],
  ['413 Payload Too Large', 'ENGINE_REFUSED', false],
])('%s of a proxy is %s', async (status, code, retriable) => {
  const page = `<h1>${status}</h1>`
  const bytes = `HTTP/1.1 ${status}\r\nContent-Length: ${page.length}\r\n\r\n${page}`
  await withServer(answering(bytes), async (tables) => {
    await expect(tables.query('SELECT 1')).rejects.toMatchObject({
      code,
      retriable,
      message: `the tables answered ${status.slice(0, 3)}: ${page}`,
    })
  })
})

test('a server that does not answer is a timeout', async () => {
  await withServer(
    () => undefined,
    async (tables) => {
      const expected = { code: 'ENGINE_TIMEOUT', retriable: true }
      const options = { deadlineMs: 50 }
      await Promise.all([
        expect(tables.query('SELECT 1', options)).rejects.toMatchObject(expected),
        expect(tables.insert(NUMBERS, ROWS, options)).rejects.toMatchObject(expected),
      ])
    },
  )
})

test('no server, or none that speaks HTTP, is unavailable, in words without the password', async () => {
  const free = await testTcpServer(() => undefined)
  await free[Symbol.asyncDispose]()
  await using absent = await openClickHouseTables({ url: `clickhouse://ann:secret@${free.host}/d` })
  for (const call of [absent.ping(), absent.insert(NUMBERS, ROWS), absent.migrate([])]) {
    await expect(call).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      retriable: true,
      message: expect.stringMatching(/^(?!.*secret).*ECONNREFUSED/s) as string,
    })
  }
  await withServer(answering('SSH-2.0-OpenSSH_9.2\r\n'), async (tables) => {
    await expect(tables.ping()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  })
})

const standIn = await testStandIn({ keepAliveMs: 100 })
afterAll(() => standIn[Symbol.asyncDispose]())

test('an insert that does not arrive whole stores nothing', async () => {
  const url = standIn.urlOf('halves')
  await using tables = await openClickHouseTables({ url })
  const sql = 'CREATE TABLE IF NOT EXISTS numbers (n UInt64) ENGINE = MergeTree ORDER BY n;'
  await tables.migrate([{ name: '001-numbers', sql }])
  const { host } = new URL(url)
  // The rows of 8 bytes each begin somewhere in the second kilobyte: within one or between two.
  for (const bytesMax of [500, 2_000, 3_001, 3_002, 5_004, 8_000]) {
    await using proxy = await testTcpServer(cuttingAfter(host, bytesMax))
    await using broken = await openClickHouseTables({ url: url.replace(host, proxy.host) })
    await expect(broken.insert(NUMBERS, ROWS, { token: 'same' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      retriable: true,
    })
    expect(await tables.query('SELECT count() AS n FROM numbers')).toEqual([{ n: '0' }])
  }
  await tables.insert(NUMBERS, ROWS, { token: 'same' })
  expect(await tables.query('SELECT count() AS n FROM numbers')).toEqual([{ n: '1000' }])
})

test('connections that the server closes when idle fail no call', async () => {
  await using tables = await openClickHouseTables({ url: standIn.urlOf('halves') })
  for (let round = 0; round < 15; round += 1) {
    // About as long as the server keeps them, so that some close just as they are used.
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, 92 + round)
    await promise
    expect(await tables.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  }
})
