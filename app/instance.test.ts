import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { Ledger } from '#schemas/http/ledger.ts'
import { askRows } from './ask-sql.ts'
import { loadConfig } from './config.ts'
import { startInstance } from './instance.ts'

const logger = pino({ level: 'silent' })

async function post(url: string, events: readonly object[]): Promise<number> {
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ events })
  return (await fetch(`${url}/v1/events`, { method: 'POST', headers, body })).status
}

const ledger = async (url: string) => Ledger.parse(await (await fetch(`${url}/v1/ledger`)).json())

test('what is acknowledged before an instance ends is counted once, by it or by the next', {
  timeout: 120_000,
}, async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'freshet-instance-'))
  const config = loadConfig({ data: folder.path }, {})
  const view = (n: number) => ({
    type: 'ProductViewed',
    event_id: `view-${n}`,
    user_id: `user-${n % 7}`,
    product_id: `p${n % 5}`,
  })
  for (let start = 0; start < 3; start++) {
    await using instance = await startInstance({ config, logger })
    await instance.learned
    const events = Array.from({ length: 100 }, (_, n) => view(100 * start + n))
    expect(await post(instance.url, events)).toBe(202)
    // Sent again, as by a client that got no answer.
    expect(await post(instance.url, events.slice(0, 10))).toBe(202)
  }

  await using instance = await startInstance({ config, logger })
  await expect
    .poll(() => ledger(instance.url), { timeout: 60_000 })
    .toMatchObject({
      balanced: true,
      appended: 330,
      stored: 330,
      pending: 0,
      duplicates: 30,
    })
  const [counted] = await askRows<{ events: string; views: string }>(
    instance.url,
    `SELECT (SELECT uniqExact(event_id) FROM events) AS events,
      (SELECT sum(views) FROM product_minutes) AS views`,
  )
  expect(counted).toEqual({ events: '300', views: '300' })
  // After all the restarts that person still has a list of their own.
  const answer = await fetch(`${instance.url}/v1/recommendations/users/user-1?limit=3`)
  expect(await answer.json()).toMatchObject({ user_id: 'user-1' })
})

test('one that is disposed before it has learned leaves its folder free', {
  timeout: 120_000,
}, async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'freshet-instance-'))
  const config = loadConfig({ data: folder.path }, {})
  for (let start = 0; start < 2; start++) {
    const instance = await startInstance({ config, logger })
    expect((await fetch(`${instance.url}/livez`)).status).toBe(200)
    await instance[Symbol.asyncDispose]()
    await expect(fetch(`${instance.url}/livez`)).rejects.toThrow('fetch failed')
  }
})
