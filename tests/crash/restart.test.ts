import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { audit } from './audit.ts'
import type { Orders } from './crash-orders.ts'
import { LedgerWatch } from './ledger-watch.ts'
import { Producers } from './producers.ts'
import { Victim } from './victim.ts'

const folder = temporaryFolder()
const orders: Orders = { folder, delivery: 'exactly-once', snapshotIntervalMs: 300 }

const producers = new Producers(7, 'restart')

interface Life {
  /** Events that are acknowledged before it ends, at least. */
  readonly events: number
  readonly ends: 'SIGTERM' | 'SIGKILL'
}

/** Starts Freshet on the folder and ends it; resolves with its metrics as they were before the end. */
async function live({ events, ends }: Life): Promise<string> {
  using victim = new Victim(orders)
  const url = await victim.ready()
  if (url === undefined) throw new Error(victim.stderr)
  await using following = new LedgerWatch().follow(url)
  if (events > 0) {
    producers.postTo(url)
    await producers.reach(producers.acknowledged.size + events)
    producers.postTo(undefined)
    while (producers.inFlight > 0) await sleep(5)
  }
  if (ends === 'SIGTERM') await following.settled()
  const metrics = await (await fetch(`${url}/metrics`)).text()
  if (ends === 'SIGKILL') victim.kill()
  const { code, signal } = await (ends === 'SIGKILL' ? victim.ended : victim.stop())
  expect(code ?? signal).toBe(ends === 'SIGKILL' ? 'SIGKILL' : 0)
  return metrics
}

/** Every stored row and every pane, but for when a pane was written. */
async function contents() {
  await using tables = await openEmbeddedTables({ folder: join(folder, 'tables') })
  const [raw, orderPanes, productPanes] = await Promise.all(
    ['raw_events', 'order_minutes', 'product_minutes'].map((table) =>
      tables.query(`SELECT count() AS rows, groupBitXor(cityHash64(*)) AS hash FROM ${table}`),
    ),
  )
  return { raw, orderPanes, productPanes }
}

async function snapshotFiles(): Promise<readonly string[]> {
  const group = join(folder, 'snapshots', 'freshet.facts')
  const files = (await readdir(group)).filter((name) => name.endsWith('.snapshot'))
  expect(files.length).toBeGreaterThan(3)
  return files.map((name) => join(group, name))
}

/** Deletes one, empties the next, cuts one short, changes a byte of the next, and so on. */
async function damage(files: readonly string[]): Promise<void> {
  for (const [i, file] of files.entries()) {
    if (i % 4 === 0) await rm(file)
    if (i % 4 === 1) await truncate(file, 0)
    if (i % 4 === 2) await truncate(file, 1_000)
    if (i % 4 === 3) await changeByte(file)
  }
}

async function changeByte(file: string): Promise<void> {
  const bytes = await readFile(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  await writeFile(file, bytes)
}

test('a clean stop and a start process nothing twice', async () => {
  await live({ events: 4_000, ends: 'SIGTERM' })
  const before = await contents()
  const metrics = await live({ events: 0, ends: 'SIGTERM' })
  expect(metrics).toContain('# TYPE freshet_pipeline_records_total')
  expect(metrics).not.toMatch(/^freshet_pipeline_records_total\{/m)
  expect(await contents()).toEqual(before)
})

test('where snapshots are gone or damaged, the state is built again and changes nothing', async () => {
  const before = await contents()
  await damage(await snapshotFiles())
  await live({ events: 0, ends: 'SIGTERM' })
  expect(await contents()).toEqual(before)
})

test('killed under load and without its snapshots, it still counts once and knows every repeat', async () => {
  await live({ events: 3_000, ends: 'SIGKILL' })
  for (const file of await snapshotFiles()) await rm(file)
  await live({ events: 3_000, ends: 'SIGTERM' })
  await using tables = await openEmbeddedTables({ folder: join(folder, 'tables') })
  const { lost, doubled, doubled_records, gaps, panes_wrong, duplicates } = await audit(
    tables,
    producers.acknowledged,
  )
  expect({ lost, doubled, doubled_records, gaps, panes_wrong }).toEqual({
    lost: 0,
    doubled: 0,
    doubled_records: 0,
    gaps: 0,
    panes_wrong: 0,
  })
  expect(duplicates).toBeGreaterThan(0)
})
