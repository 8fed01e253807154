import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log, Position } from '#engines/log/port.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { payloadJson } from '#pipeline/stored-event.ts'
import { type CommerceEvent, keyOf, topicOf } from '#schemas/events.ts'
import { CATALOGUE, RAW_EVENTS } from '#schemas/tables.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { SETTINGS } from '../settings.fixture.ts'
import {
  type LiveRecommender,
  type LiveRecommenderOptions,
  startLiveRecommender,
} from './start-live-recommender.ts'

const logger = pino({ level: 'silent' })
const LIMITS = {
  items: 1_000,
  people: 1_000,
  purchases: 1_000,
  clicks: 10_000,
  sessions: 1_000,
  openSessions: 100,
}

/** The embedded engines in a folder of their own, and what the pipeline would do with them. One at a time a process. */
export class LiveEngines implements AsyncDisposable {
  readonly folder: string
  readonly tables: Tables
  readonly vectors: Vectors
  readonly codec: EventCodec
  readonly #stack: AsyncDisposableStack
  #log: Log

  static async open(): Promise<LiveEngines> {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-live-'))
    const stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true }))
    const tables = stack.use(await openEmbeddedTables({ folder: join(folder, 'tables'), logger }))
    const vectors = stack.use(
      await openEmbeddedVectors({ folder: join(folder, 'vectors'), logger }),
    )
    const registry = stack.use(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
    await tables.migrate(await loadMigrations(new URL('../../schemas/tables/', import.meta.url)))
    const codec = await EventCodec.open(registry)
    const log = await openLog(folder, 'log')
    return new LiveEngines({ folder, stack, tables, vectors, codec, log })
  }

  private constructor(
    engines: Pick<LiveEngines, 'folder' | 'tables' | 'vectors' | 'codec' | 'log'> & {
      readonly stack: AsyncDisposableStack
    },
  ) {
    this.folder = engines.folder
    this.tables = engines.tables
    this.vectors = engines.vectors
    this.codec = engines.codec
    this.#log = engines.log
    this.#stack = engines.stack
  }

  get log(): Log {
    return this.#log
  }

  /** Another log and empty tables, as in a new shop. */
  async beginAnew(name: string): Promise<void> {
    await this.#log[Symbol.asyncDispose]()
    this.#log = await openLog(this.folder, name)
    for (const table of ['raw_events', 'catalogue'])
      await this.tables.command(`TRUNCATE TABLE ${table}`)
  }

  append(events: readonly CommerceEvent[]): Promise<readonly Position[]> {
    return this.log.append(
      events.map((event) => ({
        topic: topicOf(event.type),
        key: keyOf(event),
        value: this.codec.encode(event),
      })),
    )
  }

  /** What the archive does, without committing. */
  async store(events: readonly CommerceEvent[], dup = 0): Promise<void> {
    await this.archive(events, await this.append(events), dup)
  }

  async archive(
    events: readonly CommerceEvent[],
    positions: readonly Position[],
    dup = 0,
  ): Promise<void> {
    const rows = events.map((event, index) => ({
      event_id: event.event_id,
      type: event.type,
      event_time: event.event_time,
      received_at: event.received_at,
      source: event.source,
      user_id: event.user_id ?? '',
      anonymous_id: event.anonymous_id ?? '',
      session_id: event.session_id ?? '',
      product_id: '',
      order_id: '',
      payload: payloadJson(event),
      dup,
      late: 0,
      clamped: 0,
      _topic: positions[index]?.topic ?? '',
      _partition: positions[index]?.partition ?? 0,
      _offset: positions[index]?.offset ?? 0,
    }))
    await this.tables.insert(RAW_EVENTS, rows)
  }

  /** What the catalogue's processor does. */
  async catalogue(
    productId: string,
    ver: number,
    more: { readonly removed?: number; readonly title?: string } = {},
  ): Promise<void> {
    const facts = {
      product_id: productId,
      title: `The ${productId}`,
      category: ['garden'],
      brand: '',
      description: '',
      price_minor: 100,
      currency: 'GBP',
      stock: null,
      image_url: '',
      removed: 0,
      ...more,
    }
    await this.tables.insert(CATALOGUE, [{ ...facts, updated_at: Date.now(), ver }])
  }

  begin(options: Partial<LiveRecommenderOptions> = {}): LiveRecommender {
    const { log, tables, vectors, codec } = this
    return startLiveRecommender({
      log,
      tables,
      vectors,
      codec,
      clock: systemClock,
      logger,
      limits: LIMITS,
      settings: SETTINGS,
      random: Math.random,
      ...options,
    })
  }

  async start(options: Partial<LiveRecommenderOptions> = {}): Promise<LiveRecommender> {
    const live = this.begin(options)
    await live.learned
    return live
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]()
    await this.#stack.disposeAsync()
  }
}

async function openLog(folder: string, name: string): Promise<Log> {
  const log = await openEmbeddedLog({ folder: join(folder, name), clock: systemClock, logger })
  await log.createTopics(TOPIC_NAMES.map((topic) => TOPICS[topic]))
  return log
}

/** Resolves when the recommender has learned all that was appended. */
export async function caughtUp(live: LiveRecommender): Promise<void> {
  while ((await live.lag()) > 0) await systemClock.sleep(10)
}
