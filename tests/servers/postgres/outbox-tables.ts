import { readFile } from 'node:fs/promises'
import { OutboxSession, type OutboxSessionOptions } from '#ingest/outbox/outbox-session.ts'

const DDL = new URL('../../../schemas/outbox.sql', import.meta.url)

/** Runs schemas/outbox.sql, as a service does with its migrations. */
export async function makeOutboxTables(options: OutboxSessionOptions): Promise<void> {
  await using session = await OutboxSession.open(options)
  await session.rows(await readFile(DDL, 'utf8'))
}
