import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type TestServer } from './server.fixture.ts'

let server: TestServer
beforeAll(async () => {
  server = await openTestServer({})
})
afterAll(() => server[Symbol.asyncDispose]())

const ask = (body: unknown, headers = { 'Content-Type': 'application/json' }) =>
  fetch(`${server.url}/v1/sql`, { method: 'POST', headers, body: JSON.stringify(body) })

test('a query is answered in the format asked for', async () => {
  expect(await (await ask({ query: "SELECT 1 AS one, 'ü' AS u" })).text()).toBe(
    '{"one":1,"u":"ü"}\n',
  )
  expect(await (await ask({ query: 'SELECT 1 AS one', format: 'CSVWithNames' })).text()).toBe(
    '"one"\n1\n',
  )
})

test.each([
  ['DROP TABLE raw_events', 'only SELECT'],
  ['INSERT INTO raw_events SELECT * FROM raw_events', 'only SELECT'],
  ['SELECT 1; SELECT 2', ''],
  ["SELECT * FROM file('/etc/passwd', 'LineAsString')", ''],
  ['SELECT nothing FROM events', 'nothing'],
  ['', 'query'],
])('%s is refused with a reason', async (query, reason) => {
  const answer = await ask({ query })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    status: 400,
    detail: expect.stringContaining(reason),
  })
})

test('a field that is not known is refused by its name', async () => {
  const answer = await ask({ query: 'SELECT 1', formt: 'CSV' })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/formt' }] })
})

test('a format is a name and nothing else', async () => {
  expect((await ask({ query: 'SELECT 1', format: "TSV INTO OUTFILE '/tmp/x'" })).status).toBe(400)
})

test('a body that a foreign page could send without asking is refused', async () => {
  expect((await ask({ query: 'SELECT 1' }, { 'Content-Type': 'text/plain' })).status).toBe(415)
})
