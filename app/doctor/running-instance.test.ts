import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askRunning } from './running-instance.ts'

const LEDGER = {
  balanced: true,
  as_of: '2026-11-29T12:00:00.000Z',
  appended: 7,
  stored: 5,
  dead_lettered: 1,
  pending: 1,
  duplicates: 0,
  late: 0,
  partitions: [],
}

/** An instance that gives these answers, whatever their status. */
async function instance(answers: Readonly<Record<string, unknown>>, status = 200) {
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[url]
    response.writeHead(answer === undefined ? 404 : status)
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('what it says of each engine, and that the sum holds', async () => {
  const engines = [{ name: 'log', ready: true }]
  const url = await instance({ '/readyz': { ready: true, engines }, '/v1/ledger': LEDGER })
  expect(await askRunning(url)).toEqual([
    { check: 'log', state: 'ok', detail: 'answers' },
    {
      check: 'ledger',
      state: 'ok',
      detail: '7 appended = 5 stored + 1 dead letters + 1 pending',
    },
  ])
})

test('an engine that is not ready, with its reason, though the answer is a 503', async () => {
  const engines = [{ name: 'tables', ready: false, reason: 'no answer within 2000 ms' }]
  const url = await instance({ '/readyz': { ready: false, engines }, '/v1/ledger': LEDGER }, 503)
  const findings = await askRunning(url)
  expect(findings?.[0]).toEqual({
    check: 'tables',
    state: 'failed',
    detail: 'no answer within 2000 ms',
  })
})

test('a ledger that does not balance has failed, and the place to look is named', async () => {
  const ledger = { ...LEDGER, balanced: false, stored: 4 }
  const url = await instance({ '/readyz': { engines: [] }, '/v1/ledger': ledger })
  expect(await askRunning(url)).toEqual([
    {
      check: 'ledger',
      state: 'failed',
      detail:
        'does not balance: 7 appended = 4 stored + 1 dead letters + 1 pending; see /v1/ledger for the partition',
    },
  ])
})

test.each([
  ['that is a problem', { title: 'Dependency unavailable' }],
  ['that is no JSON', '<html>'],
])('a ledger %s cannot be read', async (_, ledger) => {
  const url = await instance({ '/readyz': { engines: [] }, '/v1/ledger': ledger })
  expect(await askRunning(url)).toEqual([
    { check: 'ledger', state: 'failed', detail: 'cannot be read' },
  ])
})

test('where nothing listens, or something that is no Freshet, nothing runs', async () => {
  expect(await askRunning('http://127.0.0.1:1')).toBeUndefined()
  expect(await askRunning(await instance({ '/readyz': '<html>' }))).toBeUndefined()
})

test('an instance that refuses says why, instead of nothing', async () => {
  const detail = 'This server does not answer as "vm". Ask for it by its address or as localhost.'
  const url = await instance({ '/readyz': { title: 'Misdirected request', detail } }, 421)
  expect(await askRunning(url)).toEqual([{ check: 'instance', state: 'failed', detail }])
})

test.each([
  ['served', 'ok', 'served, last served 2026-11-29T12:00:00.000Z'],
  ['not_served', 'failed', 'not served, last served 2026-11-29T12:00:00.000Z'],
])('a reindex on a schedule that was %s is %s, from its metrics', async (outcome, state, told) => {
  const at = Date.UTC(2026, 10, 29, 12) / 1_000
  const metrics = [
    `freshet_reindex_last_success_timestamp_seconds ${at}`,
    'freshet_reindex_last_run_outcome{outcome="served"} 0',
    'freshet_reindex_last_run_outcome{outcome="not_served"} 0',
    `freshet_reindex_next_run_timestamp_seconds ${at + 3_600}`,
  ].map((line) => (line.includes(`"${outcome}"`) ? line.replace(/0$/, '1') : line))
  const answers = { '/readyz': { engines: [] }, '/v1/ledger': LEDGER }
  const url = await instance({ ...answers, '/metrics': metrics.join('\n') })
  expect((await askRunning(url))?.at(-1)).toEqual({
    check: 'reindex',
    state,
    detail: `${told}; the next is at 2026-11-29T13:00:00.000Z`,
  })
})
