import { afterAll, beforeAll, expect, test } from 'vitest'
import { EventCodec } from '#pipeline/event-codec.ts'
import { testEvent } from '#pipeline/test-driver.fixture.ts'
import { EVENT_SCHEMAS, keyOf, topicOf } from '#schemas/events.ts'
import { deadLetterTopic } from '#schemas/topics.ts'
import { wireSchema } from '#schemas/wire-schema.ts'
import { type RunningInstance, runInstance } from './instance.ts'

let running: RunningInstance
let codec: EventCodec
beforeAll(async () => {
  running = await runInstance()
  codec = await EventCodec.open(running.instance.engines.registry)
})
afterAll(() => running[Symbol.asyncDispose]())

const now = Date.now()
function view(event_id: string, user_id: string) {
  const times = { event_time: now, received_at: now }
  return testEvent('ProductViewed', { event_id, user_id, product_id: 'p', ...times })
}

/** Appends bytes as the value of a record of a person, whatever ingest would say. */
function append(topic: 'commerce.activity' | 'commerce.orders', key: string, value: Uint8Array) {
  return running.instance.engines.log.append([{ topic, key, value }])
}

function appendEvent(event: Parameters<EventCodec['encode']>[0]) {
  const record = { topic: topicOf(event.type), key: keyOf(event), value: codec.encode(event) }
  return running.instance.engines.log.append([record])
}

async function deadLetters() {
  return running.sql<{ offset: string; stage: string; reason: string; value: string }>(
    'SELECT _offset AS offset, stage, reason, value_base64 AS value FROM dead_letters FINAL ORDER BY failed_at, _offset',
  )
}

test('records that cannot be read are set aside with their bytes and the reason, those around them stored', async () => {
  const whole = codec.encode(view('whole', 'u1'))
  const bad: readonly (readonly [Uint8Array, RegExp])[] = [
    [whole.subarray(0, whole.length - 5), /truncated/],
    [Uint8Array.of(...whole, 0, 0), /2 bytes too many/],
    [Uint8Array.of(0, 1), /shorter than a frame/],
    [Buffer.from('{"type":"ProductViewed"}'), /starts with byte 123/],
  ]
  await appendEvent(view('before', 'u1'))
  for (const [value] of bad) await append('commerce.activity', 'u1', value)
  await appendEvent(view('after', 'u1'))

  const ledger = await running.settled()
  expect(ledger).toMatchObject({ balanced: true, stored: 2, dead_lettered: bad.length })
  const letters = await deadLetters()
  expect(letters.map(({ offset, stage }) => [offset, stage])).toEqual(
    bad.map((_, i) => [String(i + 1), 'decode']),
  )
  for (const [i, [value, reason]] of bad.entries()) {
    expect(letters[i]?.reason).toMatch(reason)
    expect(letters[i]?.value).toBe(Buffer.from(value).toString('base64'))
  }
  const [queue] = await running.instance.engines.log.bounds([deadLetterTopic('commerce.activity')])
  expect(queue?.end).toBe(bad.length)
  expect((await fetch(`${running.instance.url}/readyz`)).status).toBe(200)
})

test('an event that cannot be processed is set aside with the reason, those around it are counted', async () => {
  const order = (event_id: string, unit_price_minor: number) =>
    testEvent('OrderPlaced', {
      event_id,
      event_time: now,
      order_id: event_id,
      currency: 'GBP',
      lines: [{ product_id: 'p', quantity: 1_000_000, unit_price_minor }],
    })
  const before = await running.settled()
  await appendEvent(order('cheap', 100))
  await appendEvent(order('beyond all numbers', 1e12))
  await appendEvent(order('cheap too', 100))

  const ledger = await running.settled()
  expect(ledger).toMatchObject({
    balanced: true,
    stored: before.stored + 2,
    dead_lettered: before.dead_lettered + 1,
  })
  const letter = (await deadLetters()).at(-1)
  expect(letter).toMatchObject({ stage: 'process' })
  expect(letter?.reason).toContain('cannot count revenue_minor = 1000000000000000000 exactly')
  await expect
    .poll(() =>
      running.sql('SELECT sum(orders) AS orders, sum(revenue_minor) AS revenue FROM order_minutes'),
    )
    .toEqual([{ orders: '2', revenue: '200000000' }])
})

test('a schema that nobody knows holds up its partition alone, until somebody registers it', async () => {
  const before = await running.settled()
  const { registry } = running.instance.engines
  const nextId = await firstUnknownId()
  const foreign = Buffer.from(codec.encode(view('from a newer writer', 'u1')))
  foreign.writeInt32BE(nextId, 1)
  // The newer writer's field comes last, as one more string.
  const [position] = await append(
    'commerce.activity',
    'u1',
    Buffer.concat([foreign, Buffer.from('\u0006web')]),
  )
  await appendEvent(view('behind it', 'u1'))
  const others = Array.from({ length: 20 }, (_, i) => view(`elsewhere ${i}`, `other${i}`))
  for (const event of others) await appendEvent(event)

  const waiting = await running.settled(2 + 20)
  const held = waiting.partitions.find(
    ({ topic, partition }) => topic === position?.topic && partition === position.partition,
  )
  expect(held?.pending).toBeGreaterThanOrEqual(2)
  await expect
    .poll(async () => {
      const { partitions } = await running.ledger()
      return partitions.filter(({ pending }) => pending > 0).map(({ partition }) => partition)
    })
    .toEqual([position?.partition])
  const ledger = await running.ledger()
  expect(ledger.balanced).toBe(true)
  expect(ledger.dead_lettered).toBe(before.dead_lettered)

  const schema = wireSchema(EVENT_SCHEMAS.ProductViewed)
  const newer = {
    ...schema,
    fields: [...schema.fields, { name: 'channel', type: 'string', default: '' }],
  }
  const subject = 'commerce.activity-freshet.events.ProductViewed'
  expect(await registry.register(subject, JSON.stringify(newer))).toBe(nextId)

  const after = await running.settled()
  expect(after).toMatchObject({
    balanced: true,
    stored: before.stored + 2 + others.length,
    dead_lettered: before.dead_lettered,
  })
  expect(
    await running.sql(
      `SELECT event_id FROM events WHERE event_id IN ('from a newer writer', 'behind it') ORDER BY _offset`,
    ),
  ).toEqual([{ event_id: 'from a newer writer' }, { event_id: 'behind it' }])
})

/** The id that the registry will give to the next new schema. */
async function firstUnknownId(): Promise<number> {
  const { registry } = running.instance.engines
  for (let id = 1; ; id += 1) {
    const isKnown = await registry.byId(id).then(
      () => true,
      () => false,
    )
    if (!isKnown) return id
  }
}
