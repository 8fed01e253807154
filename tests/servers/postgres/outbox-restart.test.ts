import { expect, test } from 'vitest'
import { createOutbox, insertRows, openTestLog, startReader, viewRow } from './open-outbox.ts'
import { startPrivatePostgres } from './private-postgres.ts'

const WITHOUT = 'needs the programs of PostgreSQL: install your system’s package postgresql'

test('it reads on, with nothing lost or repeated, when the server restarts and when it crashes', async (context) => {
  await using postgres = await startPrivatePostgres()
  if (postgres === undefined) {
    if (process.env['REQUIRE_POSTGRES'] === '1') throw new Error(WITHOUT)
    return context.skip(WITHOUT)
  }
  await using log = await openTestLog()
  const sent: string[] = []
  const outbox = await createOutbox(postgres.url)
  await using _reader = startReader(outbox, log, { limits: { rows: 10 } })
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGINT'] as const) {
    const rows = Array.from({ length: 200 }, () => viewRow('ann'))
    const service = await outbox.connect()
    await insertRows(service, rows)
    sent.push(...rows.map(({ id }) => id))
    await log.storedAtLeast(sent.length - 100)
    await postgres.stop(signal)
    await postgres.start()
  }
  const ids = (await log.storedAtLeast(sent.length)).map(({ event_id }) => event_id)
  expect(ids).toEqual(sent)
}, 120_000)
