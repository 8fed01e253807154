import { RAW_EVENTS, type Row } from '#schemas/tables.ts'
import { loadMigrations } from '../migrations.ts'
import { openEmbeddedTables } from './embedded-tables.ts'

/** The rows of one batch. */
export function batchOf(number: number): Row<typeof RAW_EVENTS>[] {
  return Array.from({ length: BATCH_ROWS }, (_, index) => ({
    event_id: `e-${number}-${index}`,
    type: 'ProductViewed',
    event_time: START + number * 1_000 + index,
    // Every other batch spans two months, hence two parts that are not written in one step.
    received_at: START + (number % 2) * (index % 2) * MONTH,
    source: 'crash',
    user_id: `u-${index}`,
    anonymous_id: '',
    session_id: '',
    product_id: `p-${index % 7}`,
    order_id: '',
    payload: `{"text":"${'x'.repeat(index % 300)}"}`,
    dup: 0,
    late: 0,
    clamped: 0,
    _topic: 'commerce.activity',
    _partition: 0,
    _offset: number * BATCH_ROWS + index,
  }))
}

export const BATCH_ROWS = 2_000
const START = Date.UTC(2026, 0, 1)
const MONTH = 31 * 86_400_000

/** Inserts batch after batch from `first` on and tells its parent which are acknowledged, until it is killed. */
async function insertForEver(folder: string, first: number): Promise<never> {
  const tables = await openEmbeddedTables({ folder })
  await tables.migrate(await loadMigrations(new URL('../../../schemas/tables/', import.meta.url)))
  for (let number = first; ; number += 1) {
    await tables.insert(RAW_EVENTS, batchOf(number), { token: `batch/${number}` })
    process.send?.(number)
  }
}

const [, , folder, first] = process.argv
if (process.send !== undefined && folder !== undefined && first !== undefined) {
  await insertForEver(folder, Number(first))
}
