import { expect, test } from 'vitest'
import type { Log } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import { Positions, positionsAfterTables, type TableGroup } from './positions.ts'

const TOPIC = 'commerce.orders'

/** Where partition 0 is read on when the tables hold rows below `next` and the groups committed these offsets. */
async function readOn(next: number | undefined, commits: Readonly<Record<string, number>>) {
  const rows = next === undefined ? [] : [{ topic: TOPIC, partition: 0, next }]
  const tables = { query: async () => rows } as unknown as Tables
  const log = {
    committed: async (group: string) => {
      const offset = commits[group]
      return offset === undefined ? [] : [{ topic: TOPIC, partition: 0, offset, metadata: '' }]
    },
  } as unknown as Log
  const groups: TableGroup[] = [
    { group: 'archive', topics: [TOPIC] },
    { group: 'panes', topics: [TOPIC] },
    { group: 'users', topics: ['commerce.users'] },
  ]
  const positions = await positionsAfterTables(tables, log, groups)
  return positions.get(TOPIC, 0)
}

test('after the tables, the log is read from the lowest position of the groups that fill them', async () => {
  expect(await readOn(100, { archive: 100, panes: 100 })).toBe(100)
  expect(await readOn(100, { archive: 80, panes: 90 })).toBe(80)
  // The newest row was committed, and a commit may run ahead of rows that say nothing.
  expect(await readOn(100, { archive: 150, panes: 140 })).toBe(100)
})

test('a group that committed nothing yet proves nothing, and one of other topics says nothing', async () => {
  expect(await readOn(100, { archive: 100 })).toBe(0)
  expect(await readOn(100, { archive: 100, panes: 100, users: 3 })).toBe(100)
})

test('a partition without rows is not skipped', async () => {
  expect(await readOn(undefined, { archive: 10, panes: 10 })).toBeUndefined()
})

test('positions of partitions and topics are apart', () => {
  const positions = new Positions()
  positions.set('a', 1, 5)
  positions.set('a', 1, 6)
  expect(
    ['a', 'b'].map((topic) => [0, 1].map((partition) => positions.get(topic, partition))),
  ).toEqual([
    [undefined, 6],
    [undefined, undefined],
  ])
})
