import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadConfig } from '#app/config.ts'
import { type Finding, folderChecks, runChecks } from '#app/doctor/checks.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import type { TextModel } from '#engines/models/port.ts'
import { ITEM_BATCH } from '#items/points.ts'
import { openShop, type Shop, watchedModel } from '#items/reindex/reindex.fixture.ts'
import { takeRunLock } from '#items/reindex/run-lock.ts'
import { ITEMS_TEXT } from '#schemas/vectors.ts'
import { readLastRun } from './last-run.ts'
import { nextRuns, type ReindexSchedule, scheduleReindex } from './schedule.ts'

/** Far from now: no run of these tests begins by itself. */
const times = { expression: '0 3 1 1 *', timezone: 'UTC' }
const TITLES = Object.fromEntries(
  Array.from({ length: 2 * ITEM_BATCH }, (_, i) => [`p${i}`, `A spade of ${i} inches`]),
)

let shop: Shop
let dataFolder: string
let metrics: Registry
let logged: string[]
beforeEach(async () => {
  shop = await openShop()
  dataFolder = await mkdtemp(join(tmpdir(), 'freshet-schedule-'))
  metrics = new Registry()
  logged = []
  await shop.change(TITLES)
})
afterEach(async () => {
  await shop[Symbol.asyncDispose]()
  await rm(dataFolder, { recursive: true })
})

test('the outcome of a run is in the metrics, and known after a restart', async () => {
  await using model = await watchedModel(16)
  {
    await using schedule = scheduled(model)
    expect(await metric('last_success_timestamp_seconds')).toBe(0)
    await schedule.run()
  }
  metrics = new Registry()
  await using restarted = scheduled(model)
  expect(await readLastRun(dataFolder)).toMatchObject({ outcome: 'served' })
  expect(await metric('last_success_timestamp_seconds')).toBeCloseTo(Date.now() / 1_000, -2)
  expect(await metric('last_run_seconds')).toBeGreaterThan(0)
  expect(await outcomes()).toEqual({ served: 1, not_served: 0, failed: 0, stopped: 0 })
  expect(await metric('next_run_timestamp_seconds')).toBe(Number(restarted.nextRun()) / 1_000)
})

test('run after run leaves the collection that is served and the one before it', async () => {
  await using model = await watchedModel(16)
  await using schedule = scheduled(model)
  const collections: string[] = []
  for (let i = 0; i < 4; i++) {
    await schedule.run()
    collections.push((await shop.vectors.collectionOf(ITEMS_TEXT)) ?? '')
  }
  const count = (collection = '') => shop.vectors.count(collection).catch(() => 0)
  const left = await Promise.all(collections.map(count))
  expect(left.map((points) => points > 0)).toEqual([false, false, true, true])
})

test('a run that fails is logged and recorded, and the last success stays known', async () => {
  await using model = await watchedModel(16)
  await using schedule = scheduled(model)
  await schedule.run()
  const success = await metric('last_success_timestamp_seconds')
  vi.spyOn(shop.tables, 'ping').mockRejectedValueOnce(new Error('the tables are away'))
  await schedule.run()
  expect(await outcomes()).toMatchObject({ failed: 1, served: 0 })
  expect(await metric('last_success_timestamp_seconds')).toBe(success)
  expect(logged.join()).toContain('the tables are away')
  expect(await doctor()).toMatchObject({ state: 'failed' })
  expect((await doctor())?.detail).toMatch(
    /^failed at .* \(the tables are away; readers have what they had\), last served .*/,
  )
  await schedule.run()
  expect(await doctor()).toMatchObject({ state: 'ok' })
  expect(await outcomes()).toMatchObject({ failed: 0, served: 1 })
})

test('a run does not begin while another is at work, and the record stays as it was', async () => {
  await using model = await watchedModel(16)
  await using schedule = scheduled(model)
  await schedule.run()
  const told = await readLastRun(dataFolder)
  {
    await using _ = await takeRunLock(shop.cache, systemClock)
    await schedule.run()
  }
  expect(logged.join()).toContain('another reindex is at work')
  expect(await readLastRun(dataFolder)).toEqual(told)
})

test('a stop aborts a run under way, and the next one continues it', async () => {
  const embedding = Promise.withResolvers<void>()
  await using model = await watchedModel(16, async () => embedding.resolve())
  const schedule = scheduled(model)
  const running = schedule.run()
  await embedding.promise
  await schedule[Symbol.asyncDispose]()
  await running
  expect(await readLastRun(dataFolder)).toMatchObject({ outcome: 'stopped' })
  const before = model.embedded
  expect(before).toBe(ITEM_BATCH)

  metrics = new Registry()
  await using next = scheduled(model)
  await next.run()
  expect(await readLastRun(dataFolder)).toMatchObject({ outcome: 'served' })
  expect(logged.join()).toMatch(/"resumed":true/)
  expect(model.embedded - before).toBeLessThan(2 * ITEM_BATCH)
})

test('a run is due at the hour of its zone, and 5 or 6 fields mean what they do to cron', () => {
  const [first] = nextRuns({ expression: '30 3 * * *', timezone: 'Asia/Tokyo' }, 1)
  expect(first?.toISOString()).toMatch(/T18:30:00.000Z$/)
  const [, second] = nextRuns({ expression: '15 30 3 * * *', timezone: 'UTC' }, 2)
  expect(second?.toISOString()).toMatch(/T03:30:15.000Z$/)
})

function scheduled(model: TextModel): ReindexSchedule {
  const { tables, vectors, cache } = shop
  const engines = { tables, vectors, cache, model, clock: systemClock }
  const logger = pino({ level: 'info' }, { write: (line) => void logged.push(line) })
  return scheduleReindex({ times, engines, dataFolder, logger, metrics })
}

async function metric(name: string): Promise<number | undefined> {
  const found = await metrics.getSingleMetric(`freshet_reindex_${name}`)?.get()
  return found?.values[0]?.value
}

/** What the doctor says of it, in a process that has the same settings. */
async function doctor(): Promise<Finding | undefined> {
  const environment = { REINDEX_SCHEDULE: times.expression }
  const config = loadConfig({ host: '', port: 0, data: dataFolder }, environment)
  const checks = folderChecks(config).filter(([name]) => name === 'reindex')
  const [finding] = await runChecks(checks)
  expect(finding?.detail).toContain(nextRuns(times, 1)[0]?.toISOString())
  return finding
}

async function outcomes(): Promise<Readonly<Record<string, number>>> {
  const found = await metrics.getSingleMetric('freshet_reindex_last_run_outcome')?.get()
  const values = found?.values ?? []
  return Object.fromEntries<number>(
    values.map(({ labels, value }) => [`${labels['outcome']}`, value]),
  )
}
