import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import { RAW_EVENTS } from '#schemas/tables.ts'
import { noCrash } from './crash-point.ts'
import { ExactlyOnceStore } from './exactly-once-store.ts'
import { type ClassifiedEvent, record } from './processor.ts'
import { type RetryingLease, retryingTables } from './retrying.ts'
import { testEvent } from './test-driver.fixture.ts'

const silent = pino({ level: 'silent' })
const low = { offset: 0, watermark: 0, lineage: 'l' }
const SOURCE = { topic: 'commerce.activity', partition: 0 } as const

const archive = record({
  name: 'archive',
  into: RAW_EVENTS,
  row: ({ event, topic, partition, offset }) => ({
    event_id: event.event_id,
    type: event.type,
    event_time: event.event_time,
    received_at: event.received_at,
    source: '',
    user_id: '',
    anonymous_id: '',
    session_id: '',
    product_id: '',
    order_id: '',
    payload: '{}',
    dup: 0,
    late: 0,
    clamped: 0,
    _topic: topic,
    _partition: partition,
    _offset: offset,
  }),
})

let folder: string
let tables: Tables
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-store-'))
  tables = await openEmbeddedTables({ folder })
  await tables.migrate(await loadMigrations(new URL('../schemas/tables/', import.meta.url)))
})
afterAll(async () => {
  await tables[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** The events of [start, end) of the one partition. */
function batchOf(start: number, end: number) {
  const events = Array.from({ length: end - start }, (_, i): ClassifiedEvent => {
    const event_time = Date.UTC(2026, 10, 22)
    const event = testEvent('ProductViewed', { event_id: `e${start + i}`, event_time })
    const flags = { clamped: false, dup: false, late: false }
    return { ...SOURCE, event, offset: start + i, time: event_time, ...flags }
  })
  return { start, end, events }
}

function leaseThatNotes(commits: (readonly [number, string])[]): RetryingLease {
  return {
    ...SOURCE,
    isRetrying: true,
    epoch: 1,
    signal: new AbortController().signal,
    committed: { ...SOURCE, offset: 0, metadata: '' },
    fetch: async () => [],
    commit: async (offset, metadata) => void commits.push([offset, metadata]),
  }
}

function storeOn(engine: Tables): ExactlyOnceStore {
  return new ExactlyOnceStore({
    tables: retryingTables(engine, silent),
    record: archive,
    version: '1',
    delivery: 'exactly-once',
    crashPoint: noCrash,
    logger: silent,
  })
}

/** Tables that fail the first inserts; the rows of those may have been stored or not. */
function awayFor(times: number, isStoredAnyway: boolean): Tables {
  let asked = 0
  const insert: Tables['insert'] = async (table, rows, options) => {
    asked += 1
    if (asked > times) return tables.insert(table, rows, options)
    if (isStoredAnyway) await tables.insert(table, rows, options)
    throw new EngineError('ENGINE_UNAVAILABLE', 'away')
  }
  return new Proxy(tables, {
    get: (target, name) => {
      if (name === 'insert') return insert
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

async function storedOffsets(start: number, end: number): Promise<number[]> {
  const rows = await tables.query<{ _offset: string }>(
    'SELECT _offset FROM raw_events WHERE _offset >= {start:UInt64} AND _offset < {end:UInt64} ORDER BY _offset',
    { parameters: { start, end } },
  )
  return rows.map((row) => Number(row._offset))
}

test.each([
  ['not stored', 0, false],
  ['stored although it failed', 10, true],
])(
  'tables that are away at a take-over are waited for: the batch in doubt was %s',
  async (_, start, isStoredAnyway) => {
    const commits: (readonly [number, string])[] = []
    const batch = batchOf(start, start + 5)
    const inDoubt = { end: batch.end, rows: 5, version: '1' }
    const store = storeOn(awayFor(2, isStoredAnyway))
    await store.resolve(leaseThatNotes(commits), inDoubt, batch, low)
    expect(await storedOffsets(start, start + 5)).toEqual(batch.events.map(({ offset }) => offset))
    expect(commits.map(([offset]) => offset)).toEqual([start + 5])
  },
)

test('a batch in doubt of which some rows are stored is made whole, and no row is doubled', async () => {
  const batch = batchOf(20, 30)
  // The token of the batch is taken by an insert that lost rows, as a crash inside the engine may leave it.
  const token = `1/${SOURCE.topic}/${SOURCE.partition}/20/30`
  const some = batch.events.slice(0, 4).map((event) => archive.row(event))
  await tables.insert(RAW_EVENTS, some as never, { token })
  await storeOn(tables).resolve(leaseThatNotes([]), { end: 30, rows: 10, version: '1' }, batch, low)
  expect(await storedOffsets(20, 30)).toEqual(batch.events.map(({ offset }) => offset))
})

test('a batch in doubt that has other rows now is not stored but reported', async () => {
  const inDoubt = { end: 45, rows: 6, version: '1' }
  const resolving = storeOn(tables).resolve(leaseThatNotes([]), inDoubt, batchOf(40, 45), low)
  await expect(resolving).rejects.toThrow('had 6 rows when it was begun and has 5 now')
  expect(await storedOffsets(40, 45)).toEqual([])
})
