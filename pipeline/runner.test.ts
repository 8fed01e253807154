import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry as MetricsRegistry } from 'prom-client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log } from '#engines/log/port.ts'
import { openHashingModel } from '#engines/models/hashing-model.fixture.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import { EventCodec } from './event-codec.ts'
import type { PartitionSnapshot } from './partition-state.ts'
import { type Projections, projection } from './processor.ts'
import { type RunningTopology, startTopology } from './runner.ts'
import type { SnapshotStore } from './snapshots.ts'
import { testEvent } from './test-driver.fixture.ts'

const logger = pino({ level: 'silent' })
const clock = systemClock
const engines = new AsyncDisposableStack()
let log: Log
let codec: EventCodec
let projections: Projections
let groups = 0

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-runner-'))
  engines.defer(() => rm(folder, { recursive: true }))
  log = engines.use(await openEmbeddedLog({ folder: join(folder, 'log'), clock, logger }))
  await log.createTopics([{ name: 'commerce.orders', partitions: 1, compacted: false }])
  codec = await EventCodec.open(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
  const tables = engines.use(await openEmbeddedTables({ folder: join(folder, 'tables') }))
  await tables.migrate(await loadMigrations(new URL('../schemas/tables/', import.meta.url)))
  projections = {
    tables,
    vectors: engines.use(await openEmbeddedVectors({ folder: join(folder, 'vectors'), logger })),
    model: engines.use(await openHashingModel()),
  }
})
afterAll(() => engines.disposeAsync())

/** Appends an order and waits until it has been processed. */
async function processed(eventId: string, seen: readonly string[]): Promise<void> {
  const event = testEvent('OrderPaid', { event_id: eventId, event_time: 1, order_id: 'o' })
  await log.append([{ topic: 'commerce.orders', key: 'u1', value: codec.encode(event) }])
  await vi.waitFor(() => expect(seen).toContain(eventId), { timeout: 120_000 })
}

/** Processes orders into `seen`, saving the state after every batch. */
function start(snapshots: SnapshotStore, seen: string[]): Promise<RunningTopology> {
  const tell = projection({
    name: 'seen',
    apply: async (events) => void seen.push(...events.map(({ event }) => event.event_id)),
  })
  return startTopology({
    topology: {
      group: `runner.test.${++groups}`,
      version: '1',
      topics: ['commerce.orders'],
      windows: [],
      projections: [tell],
    },
    log,
    projections,
    codec,
    clock,
    snapshots,
    logger,
    metrics: new MetricsRegistry(),
    limits: { maxRecords: 1_000, maxBytes: 1_000_000, intervalMs: 1 },
    snapshotIntervalMs: 0,
  })
}

test('a slow store of snapshots delays nothing, and one snapshot is under way at most', async () => {
  const seen: string[] = []
  const offsets: number[] = []
  const gate = Promise.withResolvers<void>()
  const save = async (_: unknown, { offset }: PartitionSnapshot) => {
    offsets.push(offset)
    await gate.promise
  }
  const running = await start({ save, load: async () => undefined }, seen)
  try {
    for (const id of ['slow-1', 'slow-2', 'slow-3']) await processed(id, seen)
    expect(offsets).toHaveLength(1)
  } finally {
    gate.resolve()
    await running[Symbol.asyncDispose]()
  }
  const [{ end } = { end: -1 }] = await log.bounds(['commerce.orders'])
  expect(offsets.at(-1)).toBe(end)
})

test('a snapshot that cannot be saved stops nothing', async () => {
  const seen: string[] = []
  const save = () => Promise.reject(new Error('no room on the disk'))
  await using _ = await start({ save, load: async () => undefined }, seen)
  for (const id of ['full-1', 'full-2']) await processed(id, seen)
  expect(seen.slice(-2)).toEqual(['full-1', 'full-2'])
})

test('a snapshot of another log, or of another instance that shares the store, is not asked for', async () => {
  const seen: string[] = []
  const lineages = new Set<string>()
  const snapshots: SnapshotStore = {
    async save({ version }) {
      lineages.add(version)
    },
    async load({ version }) {
      lineages.add(version)
      return undefined
    },
  }
  for (const id of ['one-log', 'another-log']) {
    await using _ = await start(snapshots, seen)
    await processed(id, seen)
  }
  expect(lineages.size).toBe(2)
})
