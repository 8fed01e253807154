import type { Logger } from 'pino'
import type { JoinOptions, Lease, Log, Membership } from '#engines/log/port.ts'
import type { InsertOptions, Tables } from '#engines/tables/port.ts'
import type { Row, TableSpec } from '#schemas/tables.ts'
import type { Decoded, EventCodec } from './event-codec.ts'
import { type Retry, retryForever } from './retry.ts'

/** Marks ports whose calls wait for the engine: the compiler refuses a plain port in their place. */
interface Retrying {
  readonly isRetrying: true
}

/** Tables whose calls are retried until they succeed. */
export interface RetryingTables extends Retrying, Pick<Tables, 'query'> {
  /**
   * Repeats the identical rows with the same token, until it succeeds or the signal aborts.
   * @returns how many attempts it took: before the last one, any subset of the rows may have been stored
   */
  insert<T extends TableSpec>(
    table: T,
    rows: readonly Row<T>[],
    options?: InsertOptions & { readonly signal?: AbortSignal },
  ): Promise<number>
}

export function retryingTables(
  tables: Pick<Tables, 'insert' | 'query'>,
  logger: Logger,
): RetryingTables {
  const retry = retryForever('tables', logger)
  return {
    isRetrying: true,
    query: (sql, options) => retry(() => tables.query(sql, options), options?.signal),
    async insert(table, rows, { signal, ...options } = {}) {
      let attempts = 0
      await retry(() => {
        attempts += 1
        return tables.insert(table, rows, options)
      }, signal)
      return attempts
    },
  }
}

/** A lease whose calls are retried for as long as it holds. */
export interface RetryingLease extends Retrying, Lease {}

export interface RetryingJoinOptions extends Omit<JoinOptions, 'work'> {
  readonly work: (lease: RetryingLease) => Promise<void>
}

/** A log whose calls, and whose leases' calls, are retried until they succeed. What was appended in part is appended again. */
export interface RetryingLog extends Retrying, Pick<Log, 'append'> {
  bounds(topics: readonly string[], signal?: AbortSignal): ReturnType<Log['bounds']>
  join(options: RetryingJoinOptions, signal?: AbortSignal): Promise<Membership>
}

export function retryingLog(
  log: Pick<Log, 'append' | 'bounds' | 'join'>,
  logger: Logger,
): RetryingLog {
  const retry = retryForever('log', logger)
  return {
    isRetrying: true,
    bounds: (topics, signal) => retry(() => log.bounds(topics), signal),
    append: (records, signal) => retry(() => log.append(records, signal), signal),
    join({ work, ...options }, signal) {
      const waiting = { ...options, work: (lease: Lease) => work(retryingLease(lease, retry)) }
      return retry(() => log.join(waiting), signal)
    },
  }
}

export function retryingLease(lease: Lease, retry: Retry): RetryingLease {
  const { topic, partition, epoch, signal: held, committed } = lease
  return {
    isRetrying: true,
    topic,
    partition,
    epoch,
    signal: held,
    committed,
    fetch: (offset, limits, signal = held) =>
      retry(() => lease.fetch(offset, limits, signal), signal),
    commit: (offset, metadata) => retry(() => lease.commit(offset, metadata), held),
  }
}

/** A codec that retries until an unknown schema can be learnt: until the registry answers and has events we know. */
export interface RetryingCodec extends Retrying {
  decode(value: Uint8Array | null): Decoded
  learn(schemaId: number, signal: AbortSignal): Promise<void>
}

export function retryingCodec(
  codec: Pick<EventCodec, 'decode' | 'learn'>,
  logger: Logger,
): RetryingCodec {
  const retry = retryForever('registry', logger)
  return {
    isRetrying: true,
    decode: (value) => codec.decode(value),
    learn: (schemaId, signal) => retry(() => codec.learn(schemaId), signal),
  }
}
