import { Socket } from 'node:net'
import { Client, type ClientConfig } from 'pg'
import type { Clock } from '#engines/clock/port.ts'
import { refused, unavailable } from '#engines/errors.ts'
import { outboxAddress } from './outbox-url.ts'
import { postgresError } from './postgres-error.ts'

/** How long the server may take: to accept, for a statement, and (network included) for its answer. */
const TIMEOUTS = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 30_000,
  query_timeout: 35_000,
} as const

/** A reader that is silent for longer has hung: the server ends its session, and with it the lock. PostgreSQL >= 14. */
export const SILENCE_MS_MAX = 60_000
const HEARTBEAT_MS = 10_000
const FAREWELL_MS = 1_000

/** 'fres', so that our advisory locks do not collide with those of another application. */
const LOCK_CLASS = 0x66726573

export interface OutboxSessionOptions {
  readonly url: string
  readonly clock: Clock
  readonly silenceMs?: number
}

type Parameter = string | number | null | readonly string[]

/**
 * One connection to the database of an outbox. The right to read it is an advisory lock of this session, and what is
 * written about the reading goes through the same session: with the connection both are gone.
 */
export class OutboxSession implements AsyncDisposable {
  readonly #client: Client
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #address: string
  readonly #lost = new AbortController()
  #woken = new AbortController()
  #running = 0
  #heartbeat: NodeJS.Timeout | undefined

  private constructor({ url, clock }: OutboxSessionOptions) {
    this.#clock = clock
    this.#address = outboxAddress(url)
    this.#socket = new Socket()
    this.#client = newClient(this.#address, {
      connectionString: url,
      application_name: 'freshet-outbox',
      keepAlive: true,
      ...TIMEOUTS,
      // Every value as PostgreSQL writes it: transaction ids and sizes may exceed the exact integers of a number.
      types: { getTypeParser: () => (text: string) => text },
      // Our own socket, so that it can be destroyed when the server does not answer.
      stream: () => this.#socket,
    })
    this.#client.on('error', (error) => this.#lose(error))
    this.#client.on('end', () => this.#lose(new Error('the connection ended')))
    this.#client.on('notification', () => this.#woken.abort())
  }

  /** @throws EngineError: ENGINE_REFUSED for a login or a URL that is wrong, else ENGINE_UNAVAILABLE, ENGINE_TIMEOUT */
  static async open(options: OutboxSessionOptions): Promise<OutboxSession> {
    const { silenceMs = SILENCE_MS_MAX } = options
    const session = new OutboxSession(options)
    try {
      await session.#client.connect()
      await session.rows(SETTINGS, [String(silenceMs)])
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw postgresError(error, session.#address)
    }
    session.#heartbeat = setInterval(() => session.#beat(), Math.min(HEARTBEAT_MS, silenceMs / 3))
    return session
  }

  /** Aborts when the connection is gone, with an EngineError that can be retried. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  get address(): string {
    return this.#address
  }

  /** Takes the right to read this outbox until the connection ends. @returns false when another session has it */
  async tryLock(): Promise<boolean> {
    const [row] = await this.rows<{ locked: string }>(
      `SELECT pg_try_advisory_lock($1, 'outbox'::regclass::oid::integer) AS locked`,
      [LOCK_CLASS],
    )
    if (row?.locked !== 't') return false
    await this.rows('LISTEN freshet_outbox')
    return true
  }

  /** A signal that aborts when rows were announced after this call. */
  awaitWake(): AbortSignal {
    this.#woken = new AbortController()
    return this.#woken.signal
  }

  /** Runs one statement. @throws EngineError */
  async rows<Row>(sql: string, values: readonly Parameter[] = []): Promise<readonly Row[]> {
    this.#running += 1
    try {
      const { rows } = await this.#client.query(sql, [...values])
      return rows as Row[]
    } catch (error) {
      throw postgresError(error, this.#address)
    } finally {
      this.#running -= 1
    }
  }

  /** Runs the statements of `write` as one transaction. */
  async transaction(write: () => Promise<void>): Promise<void> {
    await this.rows('BEGIN')
    try {
      await write()
      await this.rows('COMMIT')
    } catch (error) {
      // Whether it was committed or not, the next session reads from the tables.
      await this.rows('ROLLBACK').catch(() => {})
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat)
    const ended = this.#client.end().catch(() => {})
    const tooLate = new AbortController()
    await Promise.race([ended, this.#clock.sleep(FAREWELL_MS, tooLate.signal)])
    tooLate.abort()
    this.#socket.destroy()
  }

  /** Keeps the session alive while a log that is down holds up reading. */
  #beat(): void {
    if (this.#running > 0 || this.#lost.signal.aborted) return
    this.rows('SELECT').catch((error: unknown) => this.#lose(error))
  }

  #lose(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    const message = `the outbox at ${this.#address}: ${words}`
    this.#lost.abort(unavailable(message, { cause: error }))
  }
}

/** @throws EngineError ENGINE_REFUSED for options that cannot be used, such as a certificate file that cannot be read */
function newClient(address: string, config: ClientConfig): Client {
  try {
    return new Client(config)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const message = `the URL of the outbox at ${address} cannot be used: ${words}`
    throw refused(message)
  }
}

/** The join leaves out what this version of PostgreSQL does not have. */
const SETTINGS = `SELECT set_config(name, value, false)
FROM (VALUES
  ('TimeZone', 'UTC'),
  ('DateStyle', 'ISO'),
  ('lock_timeout', '5000'),
  ('idle_in_transaction_session_timeout', '30000'),
  ('tcp_keepalives_idle', '10'),
  ('tcp_keepalives_interval', '5'),
  ('tcp_keepalives_count', '3'),
  ('idle_session_timeout', $1)
) AS wanted (name, value) JOIN pg_settings USING (name)`
