import { drainPending, type Session } from 'chdb'
import type { Logger } from 'pino'
import { closed, EngineError, refused } from '#engines/errors.ts'
import type { Row, TableSpec } from '#schemas/tables.ts'
import { renderParameters } from '../literals.ts'
import { applyMigrations } from '../migrations.ts'
import type { InsertOptions, Migration, QueryOptions, Tables } from '../port.ts'
import { type Evaluate, ReadOnlyGuard } from '../read-only-guard.ts'
import { jsonRows } from '../row-formats.ts'
import { openSession, prepareFolder } from './open-session.ts'
import { StagedInserts } from './staged-inserts.ts'
import { type Deadline, engineErrorOf, StatementQueue } from './statement-queue.ts'

export interface EmbeddedTablesOptions {
  /** Created if absent. One process at a time, and one folder per process. */
  readonly folder: string
  readonly logger?: Pick<Logger, 'warn'>
  /** Memory limit of queries and caches, beside about 250 MB that the engine always uses; default 1.5 GB. */
  readonly memoryBytesMax?: number
  /** Sessions that run queries concurrently; default 3. */
  readonly readers?: number
}

const DATABASE = 'freshet'
const MEMORY_BYTES_MAX = 1_500_000_000
const READERS = 3
const INSERT_DEADLINE_MS = 30_000
const QUERY_DEADLINE_MS = 10_000

/**
 * ClickHouse in this process, on a folder. An insert survives the death of the process once it resolved, and the loss
 * of power where its table sets `fsync_after_insert`. Every running statement holds a thread of libuv's pool: set
 * `UV_THREADPOOL_SIZE` (16 is good) before anything is imported. Not for worker threads: the engine crashes there.
 * @throws EngineError DATA_FOLDER_IN_USE, ENGINE_REFUSED (the folder cannot be written), ENGINE_CORRUPT
 */
export async function openEmbeddedTables(options: EmbeddedTablesOptions): Promise<Tables> {
  const { folder, memoryBytesMax = MEMORY_BYTES_MAX, readers = READERS } = options
  prepareFolder(folder)
  const queryMemory = `--max_memory_usage=${Math.floor(memoryBytesMax / 2)}`
  const readerSession = (args: readonly string[]) =>
    openSession(folder, [...SESSION_ARGUMENTS, queryMemory, ...args])
  // The first session fixes the limits of the whole engine.
  const writer = openSession(folder, [
    ...serverArguments(memoryBytesMax),
    ...SESSION_ARGUMENTS,
    '--insert_deduplicate=0',
  ])
  const sessions = [writer]
  try {
    await writer.queryAsync(`CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`)
    while (sessions.length <= readers) {
      // 2 forbids writing and allows settings in the statement.
      sessions.push(readerSession(['--readonly=2']))
    }
    for (const session of sessions) await session.queryAsync(`USE ${DATABASE}`)
    await warnOfBrokenParts(writer, options.logger)
    const guard = await ReadOnlyGuard.of(evaluatorOf(writer))
    return new EmbeddedTables({
      sessions,
      guard,
      readerSession,
      inserts: new StagedInserts(folder),
    })
  } catch (error) {
    for (const session of sessions) session.close()
    throw error instanceof EngineError ? error : engineErrorOf(error)
  }
}

const SESSION_ARGUMENTS = [
  '--output_format_json_quote_64bit_integers=1',
  '--session_timezone=UTC',
  '--max_threads=2',
]

function serverArguments(memoryBytesMax: number): string[] {
  return [
    `--max_server_memory_usage=${memoryBytesMax}`,
    '--mark_cache_size=67108864',
    '--index_mark_cache_size=33554432',
    '--primary_index_cache_size=67108864',
    '--background_pool_size=2',
    '--background_schedule_pool_size=4',
  ]
}

/** Parts that the engine found broken and set aside when it opened the folder: their rows are gone. */
async function warnOfBrokenParts(session: Session, logger: EmbeddedTablesOptions['logger']) {
  const result = await session.queryAsync(
    `SELECT table, name, reason FROM system.detached_parts WHERE database = '${DATABASE}' AND reason LIKE 'broken%'`,
    { format: 'JSONEachRow' },
  )
  for (const part of jsonRows<{ table: string; name: string; reason: string }>(result.text())) {
    logger?.warn(
      part,
      'a damaged part of a table was set aside and its rows are missing: restore the folder from a copy, with the log of the same copy',
    )
  }
}

interface Parts {
  /** The writer first, then the readers. */
  readonly sessions: readonly Session[]
  readonly guard: ReadOnlyGuard
  readonly readerSession: (args: readonly string[]) => Session
  readonly inserts: StagedInserts
}

class EmbeddedTables implements Tables {
  readonly #writer: StatementQueue
  readonly #readers: readonly StatementQueue[]
  readonly #parts: Parts
  #closed = false

  constructor(parts: Parts) {
    const [writer, ...readers] = parts.sessions.map((session) => new StatementQueue(session))
    if (writer === undefined || readers.length === 0) throw new TypeError('no session to read with')
    this.#writer = writer
    this.#readers = readers
    this.#parts = parts
  }

  async migrate(migrations: readonly Migration[]): Promise<void> {
    await applyMigrations(this, migrations)
  }

  async insert<T extends TableSpec>(
    table: T,
    rows: readonly Row<T>[],
    options: InsertOptions = {},
  ): Promise<void> {
    this.#assertOpen()
    if (rows.length === 0) return
    const { token, deadlineMs = INSERT_DEADLINE_MS } = options
    await this.#parts.inserts.stage({ table, rows, token }, (statement) =>
      this.#writer.run(statement, 'Null', { deadlineMs }),
    )
  }

  async query<T>(sql: string, options: QueryOptions = {}): Promise<T[]> {
    this.#assertOpen()
    const statement = renderParameters(sql, options.parameters)
    const result = await this.#reader().run(statement, 'JSONEachRow', deadlineOf(options))
    return jsonRows<T>(result.text())
  }

  /** In a session of its own, which can neither write nor change a setting. */
  async read(sql: string, format: string, options: QueryOptions = {}): Promise<string> {
    this.#assertOpen()
    if (!/^\w+$/.test(format)) throw refused(`${format} is not the name of a format`)
    const statement = renderParameters(sql, options.parameters)
    const queue = this.#reader()
    return queue.exclusively(deadlineOf(options), async (leftMs) => {
      const admitted = await this.#parts.guard.admit(evaluatorOf(queue.session), statement)
      using session = this.#parts.readerSession([
        '--readonly=1',
        `--max_execution_time=${seconds(leftMs)}`,
      ])
      await session.queryAsync(`USE ${DATABASE}`)
      const result = await session.queryAsync(admitted, { format })
      return result.text()
    })
  }

  async command(sql: string, options: QueryOptions = {}): Promise<void> {
    this.#assertOpen()
    const statement = renderParameters(sql, options.parameters)
    await this.#writer.run(statement, 'Null', deadlineOf(options))
  }

  async ping(): Promise<void> {
    await this.query('SELECT 1')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const queues = [this.#writer, ...this.#readers]
    await Promise.all(queues.map((queue) => queue.idle()))
    for (const { session } of queues) session.close()
    await drainPending()
  }

  #reader(): StatementQueue {
    return this.#readers.reduce((least, queue) => (queue.load < least.load ? queue : least))
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw closed('the tables are closed')
    }
  }
}

function deadlineOf({ deadlineMs = QUERY_DEADLINE_MS, signal }: QueryOptions): Deadline {
  return { deadlineMs, signal }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms)) / 1000
}

function evaluatorOf(session: Session): Evaluate {
  return async (sql, format) => {
    try {
      return (await session.queryAsync(sql, { format })).text()
    } catch (error) {
      throw engineErrorOf(error)
    }
  }
}
