/**
 * Chapter 1: an event in.
 *
 * A shop's service posts what happened. The collector checks each event against the schema of its type, stamps its
 * arrival, encodes it as Avro and appends it to the log. It answers 202 when the log has it on disk, and not before.
 *
 * Read next: ingest/http/collector-routes.ts, ingest/collector/collector.ts, engines/log/port.ts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CollectorFixture, startCollector } from '#ingest/http/collector.fixture.ts'

let collector: CollectorFixture
beforeAll(async () => {
  // The real collector on the real embedded log, in a temporary folder.
  collector = await startCollector()
})
afterAll(() => collector[Symbol.asyncDispose]())

async function post(...events: readonly object[]) {
  const answer = await fetch(`${collector.url}/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ events }),
  })
  return { status: answer.status, body: await answer.json() }
}

const view = { type: 'ProductViewed', event_id: 'view-1', user_id: 'ann', product_id: 'teapot' }

test('202 means that the event is in the log', async () => {
  expect(await post(view)).toEqual({ status: 202, body: { accepted: 1, rejected: [] } })
  expect(await collector.stored()).toMatchObject([view])
})

test('what the sender left out is filled in, and the arrival is stamped by the collector alone', async () => {
  await post({ ...view, event_id: 'view-2', received_at: 1 })
  const [, stored] = await collector.stored()
  expect(stored?.received_at).toBe(collector.clock.now())
  expect(stored?.event_time).toBe(collector.clock.now())
})

test('an event that does not fit its schema is turned away by itself, with a pointer to what is wrong', async () => {
  const { status, body } = await post({ ...view, event_id: 'view-3' }, { ...view, product_id: 7 })
  expect(status).toBe(202)
  expect(body).toMatchObject({
    accepted: 1,
    rejected: [{ index: 1, code: 'wrong_type', pointer: '/product_id' }],
  })
})
