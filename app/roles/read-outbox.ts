import type { Config } from '#app/config.ts'
import type { Engines } from '#app/engines/engines.ts'
import { startDebeziumConsumer } from '#ingest/outbox/debezium-consumer.ts'
import { startOutboxReader } from '#ingest/outbox/outbox-reader.ts'
import type { RoleContext } from './role.ts'

/** A running reader of what services write in their own transactions. Disposing finishes the batch in hand. */
interface OutboxReading extends AsyncDisposable {
  /** Rejects when it cannot go on; never resolves. */
  readonly failed: Promise<never>
}

/** Whether the outbox comes through Debezium's topics in our log, and not from the database itself. */
export function isThroughDebezium({ outbox }: Pick<Config, 'outbox'>): boolean {
  return outbox?.url === 'debezium:'
}

/** Reads the outbox that the configuration names, if it names one. */
export async function readOutbox(
  { log, clock }: Engines<'log'>,
  { config, ...context }: RoleContext,
): Promise<OutboxReading | undefined> {
  if (config.outbox === undefined) return undefined
  const options = { ...context, ...config.outbox, log, clock }
  return isThroughDebezium(config) ? startDebeziumConsumer(options) : startOutboxReader(options)
}
