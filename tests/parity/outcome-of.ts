import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Config } from '#app/config.ts'
import type { Engines } from '#app/engines/engines.ts'
import { prepareEngines } from '#app/prepare-engines.ts'
import { startProcessing } from '#app/roles/process.ts'
import { behind } from '#dev/processes/behind.ts'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { TOPOLOGIES } from '#processors/topologies.ts'
import { startLiveRecommender } from '#recommender/live/start-live-recommender.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import { ITEMS_TEXT, TEXT_VECTOR } from '#schemas/vectors.ts'
import { HISTORY_END, sameHistory } from './same-history.ts'

const APPENDED_AT_ONCE = 1_000
const PEOPLE_ASKED = 100
const PRODUCTS_ASKED = 30

/** All that follows from the records; when a pane was written, and after which record, depends on the machine. */
const TABLES = {
  raw_events: 'SELECT * FROM raw_events ORDER BY _topic, _partition, _offset',
  order_panes: 'SELECT * EXCEPT (written_at, received_at) FROM order_panes FINAL ORDER BY ALL',
  product_panes: 'SELECT * EXCEPT (written_at, received_at) FROM product_panes FINAL ORDER BY ALL',
  catalogue: 'SELECT * FROM catalogue FINAL ORDER BY product_id',
  dead_letters: 'SELECT * EXCEPT (failed_at) FROM dead_letters FINAL ORDER BY ALL',
}

/** What an instance makes of the history: rows by table, text vectors by product, lists by person and product. */
export interface Outcome {
  readonly rows: Readonly<Record<string, readonly object[]>>
  readonly vectors: readonly (readonly [string, readonly number[]])[]
  readonly recommendations: readonly (object | undefined)[]
}

/** Appends the history, processes all of it, and asks for everything that came of it. */
export async function outcomeOf(
  engines: Engines,
  config: Config,
  events: number,
): Promise<Outcome> {
  const logger = pino({ level: 'error' }, pino.destination(2))
  const codec = await prepareEngines(engines, config)
  await append(engines, codec, events)
  {
    const context = { config, codec, logger, metrics: new Registry() }
    await using processing = await startProcessing(engines, context)
    await Promise.race([processed(engines), processing.failed])
  }
  const rows: Record<string, object[]> = {}
  for (const [table, sql] of Object.entries(TABLES)) {
    rows[table] = await engines.tables.query(sql, { deadlineMs: 300_000 })
  }
  return {
    rows,
    vectors: await textVectors(engines),
    recommendations: await recommendations(engines, codec),
  }
}

async function append({ log }: Engines, codec: EventCodec, events: number): Promise<void> {
  let batch = []
  for (const record of sameHistory(events, codec)) {
    batch.push(record)
    if (batch.length < APPENDED_AT_ONCE) continue
    await log.append(batch)
    batch = []
  }
  await log.append(batch)
}

async function processed({ log }: Engines): Promise<void> {
  const bounds = await log.bounds(TOPIC_NAMES)
  for (const topology of TOPOLOGIES) {
    const wanted = bounds.filter(({ topic }) => topology.topics.some((t) => t === topic))
    while ((await behind(log, topology, wanted)).length > 0) await sleep(100)
  }
}

async function textVectors({ tables, vectors }: Engines): Promise<Outcome['vectors']> {
  const products = await tables.query<{ product_id: string }>(
    'SELECT product_id FROM products ORDER BY product_id',
  )
  const points = await vectors.retrieve(
    ITEMS_TEXT,
    products.map((row) => row.product_id),
  )
  return points.map(({ id, vectors: { [TEXT_VECTOR]: vector = [] } }) => [
    id,
    [...vector].map(withoutLastDigits),
  ])
}

/** Learned from the tables by a new recommender whose clock and chance are the same everywhere. */
async function recommendations(
  { tables, log, vectors }: Engines,
  codec: EventCodec,
): Promise<Outcome['recommendations']> {
  const random = new SeededRandom(1)
  await using live = startLiveRecommender({
    tables,
    log,
    codec,
    vectors,
    clock: new ManualClock(HISTORY_END),
    random: () => random.next(),
    newId: () => 'same',
    logger: pino({ level: 'silent' }),
    tableGroups: TOPOLOGIES,
  })
  await live.learned
  const lists: (object | undefined)[] = []
  for (let user = 0; user < PEOPLE_ASKED; user++) {
    lists.push(
      await live.recommender.forUser({
        userId: `u${user}`,
        limit: 10,
        surface: 'home',
        exclude: [],
      }),
    )
  }
  for (let product = 0; product < PRODUCTS_ASKED; product++) {
    lists.push(await live.recommender.similar({ productId: `p${product}`, limit: 10 }))
  }
  return JSON.parse(
    JSON.stringify(lists, (_, value: unknown) =>
      typeof value === 'number' ? withoutLastDigits(value) : value,
    ),
  ) as object[]
}

/** Vector engines keep 32-bit floats and may compute a length anew: from the sixth digit on they differ. */
function withoutLastDigits(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(5))
}
