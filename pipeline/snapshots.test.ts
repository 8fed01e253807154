import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PartitionSnapshot } from './partition-state.ts'
import { FolderSnapshots } from './snapshots.ts'
import { TestDriver, testEvent } from './test-driver.ts'

let folder: string
let damaged: string[]
let snapshots: FolderSnapshots
const key = { group: 'g', version: '1', topic: 'commerce.orders', partition: 3 }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshots-'))
  damaged = []
  snapshots = new FolderSnapshots(folder, (file) => damaged.push(file))
})
afterEach(() => rm(folder, { recursive: true }))

function someSnapshot(): PartitionSnapshot {
  const driver = new TestDriver([])
  driver.send(testEvent('OrderPaid', { event_id: 'e', event_time: 5, order_id: 'o' }))
  return driver.state.snapshot()
}

test('a snapshot comes back as saved, and the newest wins', async () => {
  expect(await snapshots.load(key)).toBeUndefined()
  await snapshots.save(key, someSnapshot())
  await snapshots.save(key, { ...someSnapshot(), offset: 8 })
  expect(await snapshots.load(key)).toEqual({ ...someSnapshot(), offset: 8 })
  expect(await snapshots.load({ ...key, partition: 4 })).toBeUndefined()
})

test('a snapshot of another version of the topology is not used', async () => {
  await snapshots.save(key, someSnapshot())
  expect(await snapshots.load({ ...key, version: '2' })).toBeUndefined()
})

test('a damaged or cut snapshot is reported and not used', async () => {
  await snapshots.save(key, someSnapshot())
  const file = join(folder, 'g', (await readdir(join(folder, 'g')))[0] ?? '')
  const bytes = await readFile(file)
  for (const damage of [
    bytes.subarray(0, bytes.length - 1),
    bytes.fill(7, 20, 21),
    Buffer.alloc(2),
  ]) {
    await writeFile(file, damage)
    expect(await snapshots.load(key)).toBeUndefined()
  }
  expect(damaged).toEqual([file, file, file])
})
