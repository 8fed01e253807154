import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Started } from './started.ts'

/** Asks again and again on connections that are kept, until nobody listens any more. */
async function askUntilRefused(url: string, path: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const heard: { readonly status: number; readonly isLast: boolean }[] = []
  for (;;) {
    const answer = await askOnce(url + path, agent)
    if (answer === 'refused') return heard
    heard.push(answer)
  }
}

/**
 * Rejects when an answer does not come whole, or not at all on a connection that was kept. A new connection may be
 * refused, or reset before it was accepted.
 */
function askOnce(url: string, agent: Agent) {
  type Answer = { status: number; isLast: boolean } | 'refused'
  return new Promise<Answer>((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume().once('error', reject)
      const status = response.statusCode ?? 0
      const isLast = response.headers.connection === 'close'
      response.once('end', () => resolve({ status, isLast }))
    }).once('error', (error) => {
      if (request.reusedSocket) reject(error)
      else resolve('refused')
    })
  })
}

test('told to stop under load, it says first that it is not ready, goes on answering, and cuts nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-stopping-'))
  const args = ['start', '--port', '0', '--data', folder, '--no-demo', '--no-simulator']
  using freshet = new Started(args, { SHUTDOWN_DELAY_MS: '1000' })
  const url = await freshet.ready()
  const asking = ['/v1/ledger', '/v1/trends/orders', '/openapi.json', '/livez', '/readyz'].map(
    (path) => askUntilRefused(url, path),
  )
  freshet.send('SIGTERM')
  const heard = await Promise.all(asking)
  for (const answers of heard) expect(answers.at(-1)?.isLast).toBe(true)
  const readiness = heard.pop()?.map(({ status }) => status) ?? []
  expect(readiness.at(-1)).toBe(503)
  expect(new Set(heard.flat().map(({ status }) => status))).toEqual(new Set([200]))
  const { code, stderr } = await freshet.ended
  expect([code, stderr]).toEqual([0, expect.stringContaining('everything is saved')])
  expect(stderr).not.toContain('"level":50')
  await rm(folder, { recursive: true })
})

test('listening beyond this machine is said on standard error, with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-exposed-'))
  const args = ['start', '--port', '0', '--data', folder, '--no-demo', '--no-simulator']
  using freshet = new Started([...args, '--host', '0.0.0.0'])
  const url = await freshet.ready()
  const [warning] = /There is no login.*--host 127\.0\.0\.1\./.exec(freshet.said) ?? []
  expect(warning).toBeDefined()
  const ready: unknown = await (await fetch(`${url}/readyz`)).json()
  expect(ready).toMatchObject({ ready: true, exposed: true, warning })
  freshet.send('SIGINT')
  await freshet.ended
  await rm(folder, { recursive: true })
})

test('a second Ctrl-C ends it at once, though a statement runs, and the folder is free', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-twice-'))
  const args = ['start', '--port', '0', '--data', folder, '--no-demo', '--no-simulator']
  const freshet = new Started(args)
  const url = await freshet.ready()
  const headers = { 'Content-Type': 'application/json' }
  const post = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  const event = { type: 'ProductViewed', event_id: 'kept', user_id: 'ann', product_id: 'p1' }
  expect((await post('/v1/events', event)).status).toBe(202)
  const query = 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) % 7 = 3'
  const asked = post('/v1/sql', { query }).then(
    () => 'answered',
    () => 'cut',
  )
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  freshet.send('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  freshet.send('SIGINT')
  expect(await freshet.ended).toMatchObject({ code: null, signal: 'SIGKILL' })
  expect(await asked).toBe('cut')

  using again = new Started(args)
  const ledger = async () => (await fetch(`${await again.ready()}/v1/ledger`)).json()
  await expect
    .poll(ledger, { timeout: 60_000 })
    .toMatchObject({ balanced: true, appended: 1, stored: 1 })
  again.send('SIGINT')
  expect((await again.ended).code).toBe(0)
  await rm(folder, { recursive: true })
})
