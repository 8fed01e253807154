import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answersHeldTo } from '#http/answers-held-to.fixture.ts'
import { httpApp } from '#http/http-app.ts'
import { endpoints } from '#http/route.ts'
import { PROBLEM_KINDS, type ProblemKind, problemOf } from '#schemas/http/problem.ts'
import { ERROR_PAGE_ROUTES } from './error-page-routes.ts'

const answers = answersHeldTo(ERROR_PAGE_ROUTES)
const app = httpApp({
  endpoints: endpoints(ERROR_PAGE_ROUTES, undefined),
  logger: pino({ level: 'silent' }),
  watch: answers.watch,
})
const server = createServer(app)
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  answers[Symbol.dispose]()
})

test.each(Object.keys(PROBLEM_KINDS) as ProblemKind[])(
  'the type of %s leads to its page, as Markdown',
  async (kind) => {
    const { type } = problemOf(kind, { detail: '', instance: '' })
    const page = await fetch(url + type)
    expect(page.status).toBe(200)
    expect(page.headers.get('Content-Type')).toBe('text/markdown; charset=utf-8')
    expect(await page.text()).toBe(await readFile(new URL(`../..${type}`, import.meta.url), 'utf8'))
  },
)

test.each([
  '/docs/errors/unknown.md',
  '/docs/errors/not-found',
  '/docs/errors/NOT-FOUND.md',
  '/docs/errors/..%2f..%2fREADME.md',
  '/docs/errors/%2e%2e%2fcsv.md',
  '/docs/errors/.',
  '/docs/errors/',
  '/docs/errors',
  '/docs/openapi.json',
  '/docs',
])('%s is not found', async (path) => {
  const answer = await fetch(url + path)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ type: '/docs/errors/not-found.md' })
})

test('a page that has not changed is not sent again', async () => {
  const page = `${url}/docs/errors/README.md`
  const etag = (await fetch(page)).headers.get('ETag') ?? ''
  const again = await fetch(page, { headers: { 'If-None-Match': etag, 'Cache-Control': '' } })
  expect([again.status, await again.text()]).toEqual([304, ''])
})

test('a part of a page is not sent: the document has no 206', async () => {
  const answer = await fetch(`${url}/docs/errors/README.md`, { headers: { Range: 'bytes=0-9' } })
  expect(answer.status).toBe(200)
})
