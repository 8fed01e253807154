import { json } from '#http/answers.ts'
import { type Route, route } from '#http/route.ts'
import { Ledger } from '#schemas/http/ledger.ts'

interface LedgerDeps {
  readonly ledger: () => Promise<Ledger>
}

const counts = { appended: 120, stored: 117, dead_lettered: 1, pending: 2 }

/** What became of every record. */
export const LEDGER_ROUTES: readonly Route<LedgerDeps>[] = [
  route({
    method: 'get',
    path: '/v1/ledger',
    operationId: 'ledger',
    tag: 'operations',
    summary: 'What became of every record in the log.',
    description:
      'appended = stored + dead_lettered + pending, at any moment; pending is 0 when no events arrive.',
    answer: json(Ledger, {
      description: 'The totals, and those of each partition.',
      example: {
        balanced: true,
        as_of: '2026-11-22T09:31:12.345Z',
        ...counts,
        duplicates: 0,
        late: 4,
        partitions: [{ topic: 'commerce.orders', partition: 0, ...counts }],
      },
    }),
    cacheControl: 'public, max-age=1',
    problems: ['engine-unavailable'],
    handle: (_input, { ledger }: LedgerDeps) => ledger(),
  }),
]
