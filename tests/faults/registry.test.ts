import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { Registry as Metrics } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log } from '#engines/log/port.ts'
import { openHashingModel } from '#engines/models/hashing-model.fixture.ts'
import { openConfluentRegistry } from '#engines/registry/confluent/confluent-registry.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import type { Registry } from '#engines/registry/port.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { startTopology } from '#pipeline/runner.ts'
import { FolderSnapshots } from '#pipeline/snapshots.ts'
import { testEvent } from '#pipeline/test-driver.fixture.ts'
import { FACTS } from '#processors/topologies.ts'
import { avroType } from '#schemas/avro-type.ts'
import { EVENT_SCHEMAS } from '#schemas/events.ts'
import { deadLetterTopic, TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { wireSchema } from '#schemas/wire-schema.ts'
import { begin, type FaultName } from './fault-plan.ts'
import { startPlainRegistry } from './plain-registry.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

const TOPIC = 'commerce.activity'
const logger = pino({ level: 'silent' })
const opened = new AsyncDisposableStack()

/** What producers use: they reach the registry without the proxy. */
let registry: Registry
let codec: EventCodec
let proxy: TcpProxy
let log: Log
let tables: Tables
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-registry-faults-'))
  opened.defer(() => rm(folder, { recursive: true }))
  tables = opened.use(await openEmbeddedTables({ folder: join(folder, 'tables') }))
  await tables.migrate(await loadMigrations(new URL('../../schemas/tables/', import.meta.url)))
  const vectors = opened.use(await openEmbeddedVectors({ folder: join(folder, 'vectors') }))
  const model = opened.use(await openHashingModel())
  log = opened.use(
    await openEmbeddedLog({ folder: join(folder, 'log'), clock: systemClock, logger }),
  )
  await log.createTopics([
    ...TOPIC_NAMES.map((name) => ({ ...TOPICS[name], partitions: 1 })),
    ...TOPIC_NAMES.map((name) => {
      return { name: deadLetterTopic(name), partitions: 1, compacted: false }
    }),
  ])
  registry = opened.use(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
  codec = await EventCodec.open(registry)
  const server = opened.use(await startPlainRegistry(registry))
  proxy = opened.use(await startTcpProxy({ target: server.port }))
  const url = `http://127.0.0.1:${proxy.port}/`
  const distant = opened.use(await openConfluentRegistry({ url, logger, timeoutMs: 500 }))
  opened.use(
    await startTopology({
      topology: FACTS,
      log,
      projections: { tables, vectors, model },
      codec: await EventCodec.open(distant),
      clock: systemClock,
      snapshots: new FolderSnapshots(join(folder, 'snapshots'), () => undefined),
      logger,
      metrics: new Metrics(),
      limits: { maxRecords: 1_000, maxBytes: 1_000_000, intervalMs: 50 },
    }),
  )
})
afterAll(() => opened.disposeAsync())

let made = 0
/** A view, written by the newest schema of ours, or by one that says more, which a producer of tomorrow registers. */
async function append(field?: string): Promise<string> {
  const event_id = `e${made++}`
  const event_time = Date.now()
  const event = testEvent('ProductViewed', { event_id, event_time, product_id: 'p1' })
  const value = field === undefined ? codec.encode(event) : await ofTomorrow(event, field)
  await log.append([{ topic: TOPIC, key: 'ann', value }])
  return event_id
}

async function ofTomorrow(event: object, field: string): Promise<Uint8Array> {
  const schema = wireSchema(EVENT_SCHEMAS.ProductViewed)
  const more = { name: field, type: ['null', 'string'], default: null } as const
  const newer = { ...schema, fields: [...schema.fields, more] }
  const id = await registry.register(`${TOPIC}-freshet.events.ProductViewed`, JSON.stringify(newer))
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(id, 1)
  return Buffer.concat([frame, avroType(newer).toBuffer({ ...event, [field]: 'news' })])
}

async function storedTimes(ids: readonly string[]): Promise<number[]> {
  const rows = await tables.query<{ event_id: string }>(
    'SELECT event_id FROM raw_events WHERE event_id IN {ids:Array(String)}',
    { parameters: { ids } },
  )
  return ids.map((id) => rows.filter((row) => row.event_id === id).length)
}

test.each<FaultName>(['down', 'slow', 'reset-after-sent', 'half-answer', 'hung'])(
  'while the registry is %s, known schemas go on, an unknown one waits, and then nothing is lost, doubled or dead',
  async (name) => {
    await begin({ target: 'registry', name, ms: 0, bytes: 20 }, proxy)
    const known = [await append(), await append()]
    await expect.poll(() => storedTimes(known)).toEqual([1, 1])
    const waiting = [await append(`news_${name.replaceAll('-', '_')}`), await append()]
    await sleep(name === 'slow' ? 0 : 1_500)
    const during = await storedTimes(waiting)
    expect(during.every((times) => times === 0) || name === 'slow').toBe(true)
    await proxy.heal()
    await expect.poll(() => storedTimes(waiting)).toEqual([1, 1])
    expect(await tables.query('SELECT count() AS n FROM dead_letters')).toEqual([{ n: '0' }])
  },
)
