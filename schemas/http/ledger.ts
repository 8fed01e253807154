import { z } from 'zod'
import { Time } from './time.ts'

const Count = z.int().nonnegative()

const Entry = {
  appended: Count.describe('Records appended to the log.'),
  stored: Count.describe('Records that are rows of `events`.'),
  dead_lettered: Count.describe('Records set aside because they could not be processed.'),
  pending: Count.describe('Records not processed yet.'),
}

/** Whether every record in the log is accounted for, exactly once. */
export const Ledger = z
  .object({
    balanced: z
      .boolean()
      .describe('In every partition, appended = stored + dead_lettered + pending.'),
    as_of: Time,
    ...Entry,
    duplicates: Count.describe(
      'Stored rows whose `event_id` had come before: kept, but not counted.',
    ),
    late: Count.describe('Stored rows that arrived after their minute had closed.'),
    partitions: z.array(z.object({ topic: z.string(), partition: Count, ...Entry })),
  })
  .meta({ id: 'Ledger' })
export type Ledger = z.infer<typeof Ledger>
export type LedgerEntry = Ledger['partitions'][number]
