import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import pino from 'pino'
import { Registry as Metrics } from 'prom-client'
import { v7 } from 'uuid'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log } from '#engines/log/port.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import {
  type OutboxReader,
  type OutboxReaderOptions,
  startOutboxReader,
} from '#ingest/outbox/outbox-reader.ts'
import { storedEvents } from '#ingest/stored-events.fixture.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { makeOutboxTables } from './outbox-tables.ts'

/** An outbox in a schema of its own on a real server, as a service has it. For tests. */
export interface TestOutbox extends AsyncDisposable {
  /** Finds this schema by its search_path. */
  readonly url: string
  /** Another connection of the service. */
  connect(): Promise<Client>
  /** Runs a statement on a connection kept for this, and answers with its rows. */
  sql<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Inserts the rows in a transaction of their own. */
  insert(rows: readonly TestRow[]): Promise<void>
}

export async function createOutbox(server: string): Promise<TestOutbox> {
  await using opening = new AsyncDisposableStack()
  const schema = `outbox_${randomUUID().replaceAll('-', '')}`
  const url = new URL(server)
  url.searchParams.set('options', `-c search_path=${schema}`)
  const connect = async () => {
    const client = new Client({ connectionString: url.href })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const client = await connect()
  opening.defer(() => client.end())
  await client.query(`CREATE SCHEMA ${schema}`)
  opening.defer(async () => {
    await client.query(`DROP SCHEMA ${schema} CASCADE`)
  })
  await makeOutboxTables({ url: url.href, clock: systemClock })
  const opened = opening.move()
  return {
    url: url.href,
    connect,
    sql: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    insert: (rows) => insertRows(client, rows),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** What a reader writes to: an embedded log in a temporary folder. For tests. */
export interface TestLog extends AsyncDisposable {
  readonly log: Log
  readonly codec: EventCodec
  stored(): Promise<readonly CommerceEvent[]>
  /** The events, once there are so many of them. */
  storedAtLeast(count: number): Promise<readonly CommerceEvent[]>
}

export async function openTestLog(at?: string): Promise<TestLog> {
  await using opening = new AsyncDisposableStack()
  const folder = at ?? (await mkdtemp(join(tmpdir(), 'freshet-outbox-')))
  if (at === undefined) opening.defer(() => rm(folder, { recursive: true }))
  const log = opening.use(await openEmbeddedLog({ folder, clock: systemClock }))
  await log.createTopics(
    TOPIC_NAMES.map((name) => {
      const { partitions, compacted } = TOPICS[name]
      return { name, partitions, compacted }
    }),
  )
  const registry = opening.use(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
  const codec = await EventCodec.open(registry)
  const opened = opening.move()
  const storedAtLeast = async (count: number) => {
    for (;;) {
      const bounds = await log.bounds(TOPIC_NAMES)
      if (bounds.reduce((sum, { end }) => sum + end, 0) >= count) return storedEvents(log, codec)
      await setTimeout(10)
    }
  }
  return {
    log,
    codec,
    stored: () => storedEvents(log, codec),
    storedAtLeast,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** A reader as `freshet ingest` starts it, with what a test wants otherwise. */
export function startReader(
  outbox: Pick<TestOutbox, 'url'>,
  { log, codec }: Pick<TestLog, 'log' | 'codec'>,
  options: Partial<OutboxReaderOptions> = {},
): OutboxReader {
  const reader = startOutboxReader({
    url: outbox.url,
    log,
    codec,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    metrics: new Metrics(),
    ...options,
  })
  reader.failed.catch(() => {})
  return reader
}

/** The log with another `append`. */
export function withAppend(
  log: Log,
  append: Log['append'],
): Pick<Log, 'append' | 'bounds' | 'join'> {
  return {
    append,
    bounds: (topics) => log.bounds(topics),
    join: (options) => log.join(options),
  }
}

/** Resolves when the check holds. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await setTimeout(10)
}

/** The columns of a row that a service writes. */
export interface TestRow {
  readonly id: string
  readonly aggregatetype: string
  readonly aggregateid: string
  readonly type: string
  readonly payload: unknown
}

/** A view of a product by `user`, with an id of its own. */
export function viewRow(user: string, product = 'p'): TestRow {
  return {
    id: v7(),
    aggregatetype: 'user',
    aggregateid: user,
    type: 'ProductViewed',
    payload: { user_id: user, product_id: product },
  }
}

/** Inserts as a service does: in whatever transaction is open on this connection. */
export async function insertRows(client: Client, rows: readonly TestRow[]): Promise<void> {
  await client.query(
    `INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload)
    SELECT * FROM jsonb_to_recordset($1) AS r
      (id uuid, aggregatetype text, aggregateid text, type text, payload jsonb)`,
    [JSON.stringify(rows)],
  )
}
