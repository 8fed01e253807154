import { describe, expect, test } from 'vitest'
import type { PartitionSnapshot } from './partition-state.ts'
import type { SnapshotKey, SnapshotStore } from './snapshots.ts'
import { TestDriver, testEvent } from './test-driver.fixture.ts'

const KEY: SnapshotKey = { group: 'g', version: '1', topic: 'commerce.orders', partition: 3 }

export interface SnapshotsUnderTest extends AsyncDisposable {
  readonly snapshots: SnapshotStore
  /** Replaces the bytes that are kept for the key by others. */
  readonly replace: (key: SnapshotKey, change: (kept: Buffer) => Buffer) => Promise<void>
  /** How many damaged snapshots were reported. */
  readonly reported: () => number
}

/** The contract of every store of snapshots. */
export function snapshotStoreContract(name: string, open: () => Promise<SnapshotsUnderTest>): void {
  describe(`${name} keep the contract of snapshots`, () => {
    test('a snapshot comes back as saved, and the newest wins', async () => {
      await using opened = await open()
      const { snapshots } = opened
      expect(await snapshots.load(KEY)).toBeUndefined()
      await snapshots.save(KEY, someSnapshot())
      await snapshots.save(KEY, { ...someSnapshot(), offset: 8 })
      expect(await snapshots.load(KEY)).toEqual({ ...someSnapshot(), offset: 8 })
    })

    test('groups, topics and partitions have their own', async () => {
      await using opened = await open()
      const { snapshots } = opened
      const others = [
        { ...KEY, group: 'h' },
        { ...KEY, topic: 'commerce.users' },
        { ...KEY, partition: 4 },
      ]
      for (const [i, key] of [KEY, ...others].entries())
        await snapshots.save(key, { ...someSnapshot(), offset: i })
      const offsets = [KEY, ...others].map(async (key) => (await snapshots.load(key))?.offset)
      expect(await Promise.all(offsets)).toEqual([0, 1, 2, 3])
    })

    test('a snapshot of another version of the topology is not used', async () => {
      await using opened = await open()
      const { snapshots } = opened
      await snapshots.save(KEY, someSnapshot())
      expect(await snapshots.load({ ...KEY, version: '2' })).toBeUndefined()
    })

    test('what is saved is the state at the call, even if it changes before the save ends', async () => {
      await using opened = await open()
      const { snapshots } = opened
      const driver = driverWithEvents(50)
      const before = structuredClone(driver.state.snapshot())
      const saving = snapshots.save(KEY, driver.state.snapshot())
      send(driver, 50, 100)
      await saving
      expect(driver.state.snapshot()).not.toEqual(before)
      expect(await snapshots.load(KEY)).toEqual(before)
    })

    test('a damaged or cut snapshot is reported and not used', async () => {
      await using opened = await open()
      const { snapshots, replace, reported } = opened
      const damages = [
        (kept: Buffer) => kept.subarray(0, kept.length - 1),
        (kept: Buffer) => kept.fill(7, 20, 22),
        () => Buffer.alloc(2),
      ]
      for (const [i, damage] of damages.entries()) {
        await snapshots.save(KEY, driverWithEvents(100).state.snapshot())
        await replace(KEY, damage)
        expect(await snapshots.load(KEY)).toBeUndefined()
        expect(reported()).toBe(i + 1)
      }
    })
  })
}

function someSnapshot(): PartitionSnapshot {
  return driverWithEvents(1).state.snapshot()
}

function driverWithEvents(count: number): TestDriver {
  const driver = new TestDriver([])
  send(driver, 0, count)
  return driver
}

function send(driver: TestDriver, from: number, to: number): void {
  for (let i = from; i < to; i++)
    driver.send(testEvent('OrderPaid', { event_id: `e${i}`, event_time: i, order_id: 'o' }))
}
