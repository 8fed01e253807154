import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { numbered } from '../contract.fixture.ts'
import { eventually, Holder, PLENTY, partitionsOf, textOf } from '../contract-reading.ts'
import type { Log } from '../port.ts'
import { openEmbeddedLog } from './embedded-log.ts'
import { connect } from './log-file.ts'

let root: string
let folder: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'freshet-log-file-'))
})
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'log-'))
})
afterAll(() => rm(root, { recursive: true }))

const open = () => openEmbeddedLog({ folder, clock: systemClock })
const logFile = () => join(folder, 'log.sqlite')

/** Three batches of ten records each, in partition 0 of `t`. */
async function fill(): Promise<void> {
  await using log = await open()
  await log.createTopics([{ name: 't', partitions: 1, compacted: false }])
  for (const batch of ['a', 'b', 'c']) await log.append(numbered('t', batch, 10))
}

function edit(sql: string): void {
  const db = new DatabaseSync(logFile())
  db.exec(sql)
  db.close()
}

async function fetchFrom(log: Log, offset: number): Promise<string[]> {
  await using holder = await Holder.join(log, { group: null, topics: ['t'] })
  const lease = await holder.lease(0)
  return (await lease.fetch(offset, PLENTY)).map(textOf)
}

test('every connection waits for the disk when it commits, so that a power cut loses nothing', async () => {
  await fill()
  const db = connect(logFile())
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  db.close()
})

test('a folder is open to one log at a time, and the message says so in one sentence', async () => {
  await using first = await open()
  await expect(open()).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE', retriable: false })
  await expect(open()).rejects.toThrow(`has the log in ${folder} open; stop it, or choose another`)
  await first[Symbol.asyncDispose]()
  await using second = await open()
  await expect(second.ping()).resolves.toBeUndefined()
})

test('a folder that cannot be made is reported with what to do', async () => {
  folder = join(folder, 'file', 'log')
  await writeFile(join(folder, '..'), 'not a folder')
  await expect(open()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', retriable: false })
  await expect(open()).rejects.toThrow(/check that its folder can be written to/)
})

test.each([
  ['that is no database', () => writeFile(logFile(), 'x'.repeat(10_000))],
  ['that was cut short', () => truncate(logFile(), 20_000)],
])('a file %s is reported as damaged, with what to do', async (_, damage) => {
  await fill()
  await damage()
  await expect(open()).rejects.toMatchObject({ code: 'ENGINE_CORRUPT', retriable: false })
  await expect(open()).rejects.toThrow(`${logFile()} is damaged`)
  await expect(open()).rejects.toThrow(/restore it from a backup, or move it aside/)
})

test('a file of a newer format is left alone', async () => {
  await fill()
  edit('PRAGMA user_version = 99')
  await expect(open()).rejects.toMatchObject({ code: 'ENGINE_REFUSED' })
  await expect(open()).rejects.toThrow(/format 99.*use the version that wrote it/)
})

test('a failed open leaves the folder free', async () => {
  await writeFile(logFile(), 'x'.repeat(10_000))
  await expect(open()).rejects.toMatchObject({ code: 'ENGINE_CORRUPT' })
  await rm(logFile())
  await using log = await open()
  await expect(log.ping()).resolves.toBeUndefined()
})

test.each([
  ['bytes changed', `records = CAST(replace(CAST(records AS TEXT), 'b-3', 'b-4') AS BLOB)`],
  ['bytes cut off', 'records = substr(records, 1, 40)'],
  ['the time changed', 'timestamp = timestamp + 1'],
  ['the count changed', 'count = count - 1'],
])('a batch with %s fails the fetch that begins with it, and no other', async (_, change) => {
  await fill()
  edit(`UPDATE batches SET ${change} WHERE last_offset = 19`)
  await using log = await open()
  expect(await fetchFrom(log, 20)).toHaveLength(10)
  expect(await fetchFrom(log, 0)).toHaveLength(10)
  await expect(fetchFrom(log, 10)).rejects.toMatchObject({
    code: 'ENGINE_CORRUPT',
    retriable: false,
  })
  await expect(fetchFrom(log, 12)).rejects.toThrow(/to 19 of t\/0 are damaged.*at offset 20/)
})

test('what the disk refuses is not acknowledged, and leaves no gap when it works again', async () => {
  await fill()
  edit(`CREATE TRIGGER full BEFORE INSERT ON batches WHEN instr(CAST(NEW.records AS TEXT), 'no') > 0
        BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  await using log = await open()
  const appends = await Promise.allSettled([
    log.append(numbered('t', 'yes', 2)),
    log.append(numbered('t', 'no', 2)),
  ])
  expect(appends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(appends[0]).toMatchObject({ reason: { code: 'ENGINE_UNAVAILABLE', retriable: true } })
  const positions = await log.append(numbered('t', 'yes', 2))
  expect(positions.map(({ offset }) => offset)).toEqual([30, 31])
  expect(await fetchFrom(log, 29)).toEqual(['c-9', 'yes-0', 'yes-1'])
})

test('a lease whose epoch cannot be stored is retried until its member leaves', async () => {
  await fill()
  edit(`CREATE TRIGGER full BEFORE INSERT ON epochs BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  const clock = new ManualClock()
  await using log = await openEmbeddedLog({ folder, clock })
  const leaving = await Holder.join(log, { group: 'g', topics: ['t'] })
  await leaving[Symbol.asyncDispose]()
  expect(leaving.taken).toEqual([])

  await using staying = await Holder.join(log, { group: 'g', topics: ['t'] })
  await clock.advance(10_000)
  expect(staying.taken).toEqual([])
  edit('DROP TRIGGER full')
  await eventually(async () => {
    await clock.advance(10_000)
    expect(partitionsOf(staying.held)).toEqual([0])
  })
  expect(await staying.lease(0)).toMatchObject({ epoch: 1 })
})
