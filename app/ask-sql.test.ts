import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askRows, askSql } from './ask-sql.ts'
import { ConfigError } from './config.ts'

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the query and its format are posted as JSON, and the text comes back as it is', async () => {
  const asked: unknown[] = []
  const url = await serve((request, response) => {
    const { method, url: path, headers } = request
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      asked.push([method, path, headers['content-type'], JSON.parse(body)])
      response.end('"é","1"\n')
    })
  })
  expect(await askSql(url, "SELECT 'é', 1", 'CSV')).toBe('"é","1"\n')
  const body = { query: "SELECT 'é', 1", format: 'CSV' }
  expect(asked).toEqual([['POST', '/v1/sql', 'application/json', body]])
})

test.each([
  ['no row', '', []],
  ['one row', '{"n":"18446744073709551615"}\n', [{ n: '18446744073709551615' }]],
  ['a line break inside a value', '{"n":"a\\nb"}\n{"n":"c"}\n', [{ n: 'a\nb' }, { n: 'c' }]],
])('%s as objects', async (_, text, rows) => {
  const url = await serve((_request, response) => response.end(text))
  expect(await askRows(url, 'SELECT n')).toEqual(rows)
})

test('a refusal is reported in the words of the answer', async () => {
  const detail = 'only SELECT can be asked'
  const url = await serve((_request, response) =>
    response.writeHead(400).end(JSON.stringify({ detail })),
  )
  await expect(askSql(url, 'DROP', 'CSV')).rejects.toThrow(new ConfigError(detail))
})

test('a refusal without words is reported by its status', async () => {
  const url = await serve((_request, response) => response.writeHead(503).end('{}'))
  await expect(askSql(url, 'SELECT 1', 'CSV')).rejects.toThrow('Freshet answered 503')
})

test('an address where nothing listens is named, with what to do', async () => {
  const asking = askSql('http://127.0.0.1:1', 'SELECT 1', 'CSV')
  await expect(asking).rejects.toThrow(ConfigError)
  await expect(asking).rejects.toThrow(
    /^nothing answers at http:\/\/127\.0\.0\.1:1 \(.+\); start Freshet, or name the folder with --data$/,
  )
})
