import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { BulkheadRejectedError, bulkhead } from 'cockatiel'
import { closed, EngineError, overloaded, timedOut } from '#engines/errors.ts'
import { orAborted } from '#engines/or-aborted.ts'
import type { ClickHouseAddress } from './clickhouse-url.ts'
import { connectionError, wasCut } from './connection-error.ts'
import { readAnswer } from './read-answer.ts'

export type Settings = Readonly<Record<string, string | number>>

export interface Statement {
  readonly sql: string
  readonly settings: Settings
  /** The rows of an INSERT. */
  readonly body?: readonly Buffer[]
  /** False for statements that need no database, or create it. */
  readonly inDatabase?: false
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

interface ServerOptions {
  readonly address: ClickHouseAddress
  readonly resultBytesMax: number
}

/** Concurrent requests; more queue, within their deadline. */
const CONNECTIONS_MAX = 16
/** Max queued statements while all connections are busy. */
const WAITING_MAX = 1_000
/** Servers close idle connections after 3 s at the earliest. */
const IDLE_MS = 2_500
/** The client gives up this much later than the server, so that the server's own message arrives. */
const ANSWER_MS = 1_000
/** Every request has its own deadline: the client's general one must never pass first. */
const NEVER_MS = 2 ** 31 - 1

const SETTINGS: Settings = {
  // The server sends nothing before the statement has ended: the answer is whole, or an error with its status.
  wait_end_of_query: 1,
  http_write_exception_in_output_format: 0,
  output_format_json_quote_64bit_integers: 1,
  date_time_output_format: 'simple',
  session_timezone: 'UTC',
  timeout_overflow_mode: 'throw',
  result_overflow_mode: 'throw',
}

/** Sends statements over HTTP and turns every failure into an EngineError. */
export class ClickHouseServer {
  readonly #options: ServerOptions
  readonly #client: ClickHouseClient
  readonly #turns = bulkhead(CONNECTIONS_MAX, WAITING_MAX)
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(options: ServerOptions) {
    const { address } = options
    this.#options = options
    this.#client = createClient({
      url: address.http,
      username: address.username,
      password: address.password,
      application: 'freshet',
      max_open_connections: CONNECTIONS_MAX,
      request_timeout: NEVER_MS,
      keep_alive: { idle_socket_ttl: IDLE_MS, eagerly_destroy_stale_sockets: true },
      // The errors hold what it would log.
      log: { level: ClickHouseLogLevel.OFF },
      ...(address.ca === undefined ? {} : { tls: { ca_cert: Buffer.from(address.ca) } }),
    })
  }

  /** Runs a statement once and resolves with its output. @throws EngineError, or the reason of the signal */
  send(statement: Statement): Promise<string> {
    const running = this.#send(statement)
    this.#running.add(running)
    const forget = () => this.#running.delete(running)
    running.then(forget, forget)
    return running
  }

  /** The same for statements that change nothing: sent once more when the connection was closed, as an idle one may be. */
  async ask(statement: Statement): Promise<string> {
    const since = performance.now()
    try {
      return await this.send(statement)
    } catch (error) {
      if (!wasCut(error)) throw error
      const deadlineMs = statement.deadlineMs - (performance.now() - since)
      return this.send({ ...statement, deadlineMs })
    }
  }

  /** Waits for the running statements. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    await this.#client.close()
  }

  /** @throws EngineError ENGINE_CLOSED */
  assertOpen(): void {
    if (!this.#closed) return
    throw closed('the tables are closed')
  }

  async #send(statement: Statement): Promise<string> {
    this.assertOpen()
    const { deadlineMs, signal: caller } = statement
    caller?.throwIfAborted()
    if (deadlineMs <= 0) throw late()
    const end = performance.now() + deadlineMs
    const tooLate = AbortSignal.timeout(Math.ceil(deadlineMs) + ANSWER_MS)
    const signal = caller === undefined ? tooLate : AbortSignal.any([tooLate, caller])
    const inTurn = this.#turns.execute(() => this.#exchange(statement, end, signal), signal)
    try {
      return await orAborted(inTurn, signal)
    } catch (error) {
      if (caller?.aborted) throw caller.reason
      if (tooLate.aborted) throw late(error)
      if (error instanceof BulkheadRejectedError) throw queueFull()
      throw error instanceof EngineError
        ? error
        : connectionError(this.#options.address.http, error)
    }
  }

  async #exchange(statement: Statement, end: number, signal: AbortSignal): Promise<string> {
    const { address, resultBytesMax } = this.#options
    const { sql, body, settings, inDatabase = true } = statement
    const leftMs = end - performance.now()
    if (leftMs <= 0) throw late()
    const answer = await this.#client.exec({
      query: sql,
      clickhouse_settings: {
        ...SETTINGS,
        ...settings,
        max_result_bytes: String(resultBytesMax),
        max_execution_time: Math.ceil(leftMs) / 1000,
        ...(inDatabase ? { database: address.database } : {}),
      },
      ...(body === undefined ? {} : { values: Readable.from(body), http_headers: lengthOf(body) }),
      abort_signal: signal,
      ignore_error_response: true,
    })
    return readAnswer(answer, { bytesMax: resultBytesMax, signal })
  }
}

/** With a Content-Length, a body that breaks off cannot be taken for a shorter one. */
function lengthOf(body: readonly Buffer[]): Record<string, string> {
  return { 'Content-Length': String(body.reduce((sum, { length }) => sum + length, 0)) }
}

function late(cause?: unknown): EngineError {
  const message = 'the tables did not answer within the time allowed'
  return timedOut(message, { cause })
}

function queueFull(): EngineError {
  return overloaded(`${WAITING_MAX} statements wait for the tables already: ask for less at once`)
}
