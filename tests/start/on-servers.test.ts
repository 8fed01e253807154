import { expect, test } from 'vitest'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { run, Started } from './started.ts'

/** Nothing listens there. */
const AWAY = {
  LOG_URL: 'kafka://127.0.0.1:9',
  TABLES_URL: 'clickhouse://user:secret@127.0.0.1:9/freshet',
  VECTORS_URL: 'qdrant://:secret@127.0.0.1:9',
  REGISTRY_URL: 'http://127.0.0.1:9/apis/ccompat/v7',
  CACHE_URL: 'redis://:secret@127.0.0.1:9',
}

const data = temporaryFolder()

test.for(['process', 'serve', 'ingest'])(
  '%s refuses engines that belong to one process',
  async (role) => {
    const { code, stderr } = await run([role, '--port', '0', '--data', data])
    expect(stderr).toMatch(/^freshet: LOG_URL is embedded, .* or run everything in one/)
    expect(code).toBe(1)
  },
)

test('init makes what is missing, and may run again', async () => {
  for (let time = 0; time < 2; time++) {
    const { code, stderr } = await run(['init', '--data', data])
    expect(stderr).toContain('topics, schemas, tables and collections are there')
    expect(code).toBe(0)
  }
})

test('init says which engine it waits for, and gives up in time', async () => {
  const { code, stderr } = await run(['init', '--data', data, '--wait', '3'], AWAY)
  expect(stderr).toMatch(/^freshet: not prepared within 3 s: .*127\.0\.0\.1:9/m)
  expect(stderr).not.toContain('secret')
  expect(code).toBe(1)
})

test('doctor names each engine that does not answer, where it is, and why', async () => {
  const { code, stderr } = await run(
    ['doctor', '--data', data, '--url', 'http://127.0.0.1:9'],
    AWAY,
  )
  for (const [engine, scheme] of [
    ['log', 'kafka'],
    ['tables', 'clickhouse'],
    ['vectors', 'qdrant'],
    ['cache', 'redis'],
    ['registry', 'http'],
  ])
    expect(stderr).toMatch(new RegExp(`✗ ${engine} +${scheme}://127\\.0\\.0\\.1:9: .+`))
  expect(stderr).toContain('✓ text model')
  expect(stderr).not.toContain('secret')
  expect(code).toBe(1)
})

test('a process that waits for its engines says so once, and stops when it is told to', async () => {
  using waiting = new Started(['ingest', '--port', '0', '--data', data], AWAY)
  await waiting.says(/(engine does not answer; waiting for it)/)
  waiting.send('SIGTERM')
  expect((await waiting.ended).code).toBe(130)
  expect(waiting.said.match(/"msg":"engine does not answer/g)).toHaveLength(1)
})
