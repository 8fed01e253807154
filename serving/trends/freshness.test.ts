import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tables } from '#engines/tables/port.ts'
import { ORDER_PANES, PRODUCT_PANES } from '#schemas/tables.ts'
import { measureFreshness } from './freshness.ts'
import { aRow, openTestTables } from './tables.fixture.ts'

let tables: Tables
beforeAll(async () => {
  tables = await openTestTables()
})
afterAll(() => tables[Symbol.asyncDispose]())

test('there is none while nothing arrives', async () => {
  const minute = Date.now() - 3_600_000
  await tables.insert(ORDER_PANES, [aRow.orderPane({ minute, received_at: minute })])
  expect(await measureFreshness(tables, Date.now())).toBeUndefined()
})

test('it is the time from the arrival of the newest event to the writing of its row', async () => {
  const minute = Math.floor(Date.now() / 60_000) * 60_000
  const received_at = Date.now() - 5_000
  const views = (product_id: string, received: number) =>
    aRow.productPane({ minute, product_id, received_at: received })
  await tables.insert(PRODUCT_PANES, [
    ...Array.from({ length: 18 }, (_, index) => views(`p${index}`, received_at)),
    views('slow', received_at - 60_000),
    views('slower', received_at - 60_000),
  ])
  const measured = await measureFreshness(tables, Date.now())
  expect(measured?.p50_ms).toBeGreaterThanOrEqual(5_000)
  expect(measured?.p50_ms).toBeLessThan(60_000)
  expect((measured?.p95_ms ?? 0) - (measured?.p50_ms ?? 0)).toBe(60_000)
})

test('a clock that runs ahead does not make it negative', async () => {
  const later = Date.now() + 30_000
  const rows = Array.from({ length: 60 }, (_, index) =>
    aRow.orderPane({
      minute: Date.now() - index * 1_000,
      received_at: later,
      currency: `C${index}`,
    }),
  )
  await tables.insert(ORDER_PANES, rows)
  expect(await measureFreshness(tables, Date.now())).toMatchObject({ p50_ms: 0 })
})
