import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { RAW_EVENTS } from '#schemas/tables.ts'
import type { Tables } from '../port.ts'
import { BATCH_ROWS, batchOf } from './crash-child.fixture.ts'
import { openEmbeddedTables } from './embedded-tables.ts'

const KILLS = 8
const folder = await mkdtemp(join(tmpdir(), 'freshet-crash-'))
afterAll(() => rm(folder, { recursive: true }))

/** Lets a child insert from `first` on, kills it during a later batch and resolves with the last it acknowledged. */
async function insertAndKill(first: number): Promise<number> {
  const child = fork(
    new URL('./crash-child.fixture.ts', import.meta.url),
    [folder, String(first)],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  const exit = once(child, 'exit')
  let acknowledged = first - 1
  let began = performance.now()
  for (let batches = 1 + Math.floor(Math.random() * 3); batches > 0; batches -= 1) {
    began = performance.now()
    ;[acknowledged] = (await once(child, 'message')) as [number]
  }
  child.on('message', (number) => {
    acknowledged = Number(number)
  })
  // Anywhere in the time that a batch takes on this machine now.
  await setTimeout(Math.random() * Math.min(1_000, performance.now() - began))
  child.kill('SIGKILL')
  await exit
  return acknowledged
}

/** The offsets of a batch that are stored, once for each time. */
async function offsetsOf(tables: Tables, batch: number): Promise<number[]> {
  const rows = await tables.query<{ offset: string }>(
    `SELECT _offset AS offset FROM raw_events
    WHERE _topic = 'commerce.activity' AND _partition = 0 AND _offset >= {from:UInt64} AND _offset < {to:UInt64}
    ORDER BY offset`,
    { parameters: { from: batch * BATCH_ROWS, to: (batch + 1) * BATCH_ROWS } },
  )
  return rows.map(({ offset }) => Number(offset))
}

/** As the pipeline does after a crash: the token drops what is known to be there, the offsets show what is missing. */
async function complete(tables: Tables, batch: number): Promise<number> {
  const rows = batchOf(batch)
  await tables.insert(RAW_EVENTS, rows, { token: `batch/${batch}` })
  const there = new Set(await offsetsOf(tables, batch))
  const missing = rows.filter(({ _offset }) => !there.has(_offset))
  await tables.insert(RAW_EVENTS, missing)
  return missing.length
}

test('what was acknowledged survives kill -9 once, and the batch in doubt can be completed', async () => {
  let next = 0
  let missing = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const first = next
    next = (await insertAndKill(first)) + 1
    await using tables = await openEmbeddedTables({ folder })
    for (let batch = first; batch < next; batch += 1) {
      expect(await offsetsOf(tables, batch), `acknowledged batch ${batch}`).toEqual(
        batchOf(batch).map(({ _offset }) => _offset),
      )
    }
    missing += await complete(tables, next)
    next += 1
  }
  await using tables = await openEmbeddedTables({ folder })
  expect(
    await tables.query('SELECT count() AS rows, uniqExact(event_id) AS ids FROM events'),
  ).toEqual([{ rows: String(next * BATCH_ROWS), ids: String(next * BATCH_ROWS) }])
  expect(next).toBeGreaterThanOrEqual(2 * KILLS)
  process.stdout.write(
    `${KILLS} kills, ${next} batches, ${missing} rows that only their offsets gave back\n`,
  )
}, 120_000)
