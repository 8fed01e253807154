import pino from 'pino'
import { Registry as Metrics } from 'prom-client'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import type { LogRecord, NewRecord } from '#engines/log/port.ts'
import {
  type DebeziumConsumerOptions,
  OUTBOX_GROUP,
  startDebeziumConsumer,
} from '#ingest/outbox/debezium-consumer.ts'
import { OUTBOX_TOPICS } from '#schemas/outbox-topics.ts'
import { deadLetterTopic } from '#schemas/topics.ts'
import { openTestLog, type TestLog, until, withAppend } from './open-outbox.ts'

async function openLog(): Promise<TestLog> {
  const opened = await openTestLog()
  const names = OUTBOX_TOPICS.flatMap((name) => [name, deadLetterTopic(name)])
  await opened.log.createTopics(names.map((name) => ({ name, partitions: 2, compacted: false })))
  return opened
}

async function startConsumer(
  { log, codec }: TestLog,
  other: Partial<DebeziumConsumerOptions> = {},
) {
  const logger = pino({ level: 'silent' })
  const metrics = new Metrics()
  const options = { log, codec, clock: systemClock, logger, metrics, ...other }
  const consumer = await startDebeziumConsumer(options)
  consumer.failed.catch(() => {})
  return consumer
}

/** As the Outbox Event Router writes it: key = aggregateid, header id, the payload as the value. */
function message(id: string, value: unknown, other: Partial<NewRecord> = {}): NewRecord {
  return {
    topic: 'outbox.event.order',
    key: 'ann',
    value: Buffer.from(JSON.stringify(value)),
    ...other,
    headers: { id, type: 'OrderPaid', ...other.headers },
  }
}

const PAID = { user_id: 'ann', order_id: 'o-1' }

async function deadLetters({ log }: TestLog): Promise<readonly LogRecord[]> {
  const topics = OUTBOX_TOPICS.map(deadLetterTopic)
  const letters: LogRecord[] = []
  const bounds = await log.bounds(topics)
  const work: Parameters<typeof log.join>[0]['work'] = async (lease) => {
    const { end = 0 } =
      bounds.find((each) => each.topic === lease.topic && each.partition === lease.partition) ?? {}
    if (end > 0)
      letters.push(...(await lease.fetch(0, { maxRecords: end, maxBytes: 1e7, waitMs: 0 })))
  }
  const total = bounds.reduce((sum, { end }) => sum + end, 0)
  await using _membership = await log.join({ group: null, topics, work })
  await until(async () => letters.length >= total)
  return letters
}

test('the payload is read as JSON, as JSON in a string, and with its event type or without', async () => {
  await using log = await openLog()
  const [plain, escaped, expanded, timed] = [v7(), v7(), v7(), v7()]
  await log.log.append([
    message(plain, PAID),
    message(escaped, JSON.stringify(PAID)),
    {
      ...message(expanded, { type: 'OrderShipped', ...PAID }),
      headers: { id: expanded },
    },
    message(timed, PAID, { headers: { event_time: '2026-01-31T09:30:00.250000Z' } }),
  ])
  await using _consumer = await startConsumer(log)
  const events = await log.storedAtLeast(4)
  expect(events).toMatchObject([
    { type: 'OrderPaid', event_id: plain, ...PAID },
    { type: 'OrderPaid', event_id: escaped, ...PAID },
    { type: 'OrderShipped', event_id: expanded, ...PAID },
    { type: 'OrderPaid', event_id: timed, event_time: Date.UTC(2026, 0, 31, 9, 30, 0, 250) },
  ])
})

test('an event that says no time happened when Debezium read it', async () => {
  await using log = await openLog()
  await log.log.append([message(v7(), PAID)])
  const appendedAt = Date.now()
  await using _consumer = await startConsumer(log)
  const [event] = await log.storedAtLeast(1)
  expect(Math.abs((event?.event_time ?? 0) - appendedAt)).toBeLessThan(10_000)
})

test('the three topics go where their events belong, each aggregate in its order', async () => {
  await using log = await openLog()
  const count = 300
  const sent = Array.from({ length: count }, (_, i) => {
    const product_id = `p-${i % 7}`
    const topic = 'outbox.event.product'
    const payload = { product_id, title: '', price_minor: i, currency: 'GBP' }
    return message(v7(), payload, { topic, key: product_id, headers: { type: 'ProductUpserted' } })
  })
  const user = message(
    v7(),
    { user_id: 'ann' },
    { topic: 'outbox.event.user', headers: { type: 'UserRegistered' } },
  )
  await log.log.append([...sent, user, message(v7(), PAID)])
  await using _consumer = await startConsumer(log)
  const events = await log.storedAtLeast(count + 2)
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['UserRegistered', 'OrderPaid']),
  )
  for (let p = 0; p < 7; p++) {
    const prices = events.flatMap((event) =>
      event.type === 'ProductUpserted' && event.product_id === `p-${p}` ? [event.price_minor] : [],
    )
    expect(prices).toEqual(Array.from({ length: count }, (_, i) => i).filter((i) => i % 7 === p))
  }
})

test('a message that is no event becomes a dead letter with its bytes and the reason; tombstones are skipped', async () => {
  await using log = await openLog()
  const metrics = new Metrics()
  const { headers: _, ...withoutId } = message(v7(), PAID)
  const bad: NewRecord[] = [
    { ...message(v7(), PAID), value: Buffer.from('{"order_id":') },
    { ...message(v7(), PAID), value: Buffer.from([0xff, 0xfe]) },
    message(v7(), 'not JSON in a string'),
    message(v7(), [PAID]),
    message(v7(), { user_id: 'ann' }),
    withoutId,
  ]
  const last = message(v7(), PAID)
  await log.log.append([...bad, { ...message(v7(), PAID), value: null }, last])
  await using _consumer = await startConsumer(log, { metrics })
  await log.storedAtLeast(1)
  await until(async () => (await metrics.metrics()).includes('outcome="missing_field"} 2'))
  const letters = await deadLetters(log)
  const bytesOf = ({ value }: Pick<NewRecord, 'value'>) => Buffer.from(value ?? []).toString('hex')
  expect(letters.map(bytesOf)).toEqual(bad.map(bytesOf))
  expect(letters.map(({ headers }) => headers['freshet.reason']?.split(':')[0])).toEqual([
    'malformed_json',
    'invalid_text',
    'malformed_json',
    'not_an_object',
    'missing_field',
    'missing_field',
  ])
  expect(letters[0]?.headers).toMatchObject({
    'freshet.topic': 'outbox.event.order',
    'freshet.offset': '0',
    type: 'OrderPaid',
  })
  expect((await log.stored()).map(({ event_id }) => event_id)).toEqual([last.headers?.['id']])
})

test.each([
  ['nothing', 0],
  ['a part', 3],
  ['all', 10],
])(
  'when it dies having appended %s of a batch, the next member appends the rest',
  async (_, part) => {
    await using log = await openLog()
    const messages = Array.from({ length: 10 }, () => message(v7(), PAID))
    await log.log.append(messages)
    const dying = await startConsumer(log, {
      log: withAppend(log.log, async (records) => {
        await log.log.append(records.slice(0, part))
        throw new Error('killed')
      }),
    })
    await expect(dying.failed).rejects.toThrow('killed')
    await dying[Symbol.asyncDispose]()
    expect(await log.stored()).toHaveLength(part)
    await using _consumer = await startConsumer(log)
    const ids = (await log.storedAtLeast(10)).map(({ event_id }) => event_id)
    expect(ids).toEqual(messages.map(({ headers }) => headers?.['id']))
    await until(async () =>
      (await log.log.committed(OUTBOX_GROUP, OUTBOX_TOPICS)).some(
        ({ offset, metadata }) => offset === 10 && metadata === '',
      ),
    )
    expect(await log.stored()).toHaveLength(10)
  },
)

test('members share the partitions; what one leaves the other goes on with', async () => {
  await using log = await openLog()
  const one = await startConsumer(log)
  await using _other = await startConsumer(log)
  const send = (n: number) =>
    log.log.append(Array.from({ length: n }, (_, i) => message(v7(), PAID, { key: `key-${i}` })))
  await send(50)
  await log.storedAtLeast(50)
  await one[Symbol.asyncDispose]()
  await send(50)
  const ids = (await log.storedAtLeast(100)).map(({ event_id }) => event_id)
  expect(new Set(ids).size).toBe(100)
  expect(ids).toHaveLength(100)
})
