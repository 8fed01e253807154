import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Lease, Log, Position } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import { DEAD_LETTERS, RAW_EVENTS } from '#schemas/tables.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import { aRow, openTestTables } from '../trends/tables.fixture.ts'
import { takeLedger } from './take-ledger.ts'

const GROUP = 'facts'
const TOPIC = 'commerce.orders'

let folder: string
let log: Log
let tables: Tables
let lease: Lease
const engines = new AsyncDisposableStack()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-ledger-'))
  tables = engines.use(await openTestTables())
  log = engines.use(await openEmbeddedLog({ folder, clock: systemClock }))
  await log.createTopics(TOPIC_NAMES.map((name) => ({ name, partitions: 1, compacted: false })))
  const leased = Promise.withResolvers<Lease>()
  const work = (taken: Lease) => {
    if (taken.topic === TOPIC) leased.resolve(taken)
    return new Promise<void>((resolve) => taken.signal.addEventListener('abort', () => resolve()))
  }
  engines.use(await log.join({ group: GROUP, topics: [TOPIC], work }))
  lease = await leased.promise
})
afterAll(async () => {
  await engines.disposeAsync()
  await rm(folder, { recursive: true, force: true })
})

const ledger = (over: Partial<{ tables: Tables }> = {}) =>
  takeLedger({ log, tables, archiveGroup: GROUP, ...over }, 0)
const orders = async (over = {}) =>
  (await ledger(over)).partitions.find((partition) => partition.topic === TOPIC)

function append(count: number): Promise<readonly Position[]> {
  const value = new Uint8Array([1])
  return log.append(Array.from({ length: count }, () => ({ topic: TOPIC, key: null, value })))
}

const rowsOf = (offsets: readonly number[], columns = {}) =>
  offsets.map((_offset) => aRow.event({ _topic: TOPIC, _offset, ...columns }))

test('every partition is there and balanced before anything came', async () => {
  const empty = await ledger()
  expect(empty).toMatchObject({ balanced: true, appended: 0, stored: 0, pending: 0 })
  expect(empty.partitions).toHaveLength(TOPIC_NAMES.length)
})

test('what is appended and not committed is pending, even when it is stored already', async () => {
  await append(10)
  expect(await orders()).toMatchObject({ appended: 10, stored: 0, pending: 10 })
  await tables.insert(RAW_EVENTS, rowsOf([0, 1, 2, 3, 4]))
  expect(await orders()).toMatchObject({ appended: 10, stored: 0, pending: 10 })
  await lease.commit(5, '')
  expect(await orders()).toMatchObject({ appended: 10, stored: 5, pending: 5 })
  expect((await ledger()).balanced).toBe(true)
})

test('a dead letter is accounted for once, however often it was written', async () => {
  const letter = {
    _topic: TOPIC,
    _partition: 0,
    _offset: 7,
    stage: 'decode',
    reason: 'truncated',
    value_base64: 'AQ==',
    failed_at: 0,
  }
  await tables.insert(DEAD_LETTERS, [letter])
  await tables.insert(DEAD_LETTERS, [letter])
  await tables.insert(RAW_EVENTS, rowsOf([5, 6], { dup: 1 }))
  await tables.insert(RAW_EVENTS, rowsOf([8, 9], { late: 1 }))
  await lease.commit(10, '')
  expect(await ledger()).toMatchObject({
    balanced: true,
    appended: 10,
    stored: 9,
    dead_lettered: 1,
    pending: 0,
    duplicates: 2,
    late: 2,
  })
})

test('records that arrive while it is taken are pending, never missing', async () => {
  let queries = 0
  const arriving: Tables = Object.assign(Object.create(tables), {
    query: async (sql: string, options?: object) => {
      if (++queries > 1) return tables.query(sql, options)
      // Stored and committed in between: below the committed position that was read first, nothing changes.
      const [first] = await append(1)
      const offset = first?.offset ?? -1
      await tables.insert(RAW_EVENTS, rowsOf([offset]))
      await lease.commit(offset + 1, '')
      return tables.query(sql, options)
    },
  })
  const taken = await ledger({ tables: arriving })
  expect(taken).toMatchObject({ balanced: true, appended: 11, stored: 9, pending: 1 })
  expect(await orders()).toMatchObject({ appended: 11, stored: 10, pending: 0 })
})

test('a record that was committed and never stored shows', async () => {
  await append(1)
  await lease.commit(12, '')
  expect(await ledger()).toMatchObject({ balanced: false, appended: 12, stored: 10, pending: 0 })
  await tables.insert(RAW_EVENTS, rowsOf([11]))
  expect((await ledger()).balanced).toBe(true)
})

test('a record that was stored twice shows', async () => {
  await tables.insert(RAW_EVENTS, rowsOf([3]))
  expect(await ledger()).toMatchObject({ balanced: false, appended: 12, stored: 12 })
})
