import { refused } from '#engines/errors.ts'
import { isOlder } from '#engines/is-older.ts'
import type { Row, TableSpec } from '#schemas/tables.ts'
import { renderParameters } from '../literals.ts'
import { applyMigrations } from '../migrations.ts'
import type { InsertOptions, Migration, QueryOptions, Tables } from '../port.ts'
import { ReadOnlyGuard } from '../read-only-guard.ts'
import { rowBinaryHeader } from '../row-binary.ts'
import { jsonRows, RowEncoders } from '../row-formats.ts'
import { ClickHouseServer, type Settings } from './clickhouse-server.ts'
import { type ClickHouseAddress, parseClickHouseUrl } from './clickhouse-url.ts'
import { replicatedDdl } from './replicated-ddl.ts'

export interface ClickHouseTablesOptions {
  /** `clickhouse://[user:password@]host:8123/database[?tls=true&ca=FILE&cluster=NAME]` */
  readonly url: string
  /** Larger results are refused, because a whole one is held in memory, by the server and here. Default 256 MB. */
  readonly resultBytesMax?: number
}

/** The version of the embedded engine: its tokens and settings are what we rely on. */
const OLDEST = [26, 7] as const
const RESULT_BYTES_MAX = 256_000_000
const INSERT_DEADLINE_MS = 30_000
const QUERY_DEADLINE_MS = 10_000
const PING_DEADLINE_MS = 5_000
/** Each statement runs on all servers of a cluster. */
const MIGRATION_DEADLINE_MS = 180_000

/** 2 forbids writing and allows settings in the statement. A query whose client has disconnected is cancelled. */
const QUERY: Settings = { readonly: 2, cancel_http_readonly_queries_on_client_close: 1 }
/** 1 forbids settings too. */
const READ: Settings = { ...QUERY, readonly: 1 }
/** A command that is sent twice runs twice. */
const COMMAND: Settings = {
  async_insert: 0,
  deduplicate_insert: 'disable',
  deduplicate_insert_select: 'disable',
}

/**
 * Tables in a ClickHouse server. It connects in the first call, which fails when the server is down. The
 * database is created by `migrate`. An insert is durable as its table's settings say: in a cluster once most replicas
 * have it. When one fails by its deadline the server has stopped it, unless the server itself was paused:
 * then it may still complete, and its token keeps its rows from being stored twice.
 * @throws EngineError ENGINE_REFUSED for a malformed URL
 */
export async function openClickHouseTables(options: ClickHouseTablesOptions): Promise<Tables> {
  const { url, resultBytesMax = RESULT_BYTES_MAX } = options
  const address = parseClickHouseUrl(url)
  return new ClickHouseTables(address, new ClickHouseServer({ address, resultBytesMax }))
}

class ClickHouseTables implements Tables {
  readonly #address: ClickHouseAddress
  readonly #server: ClickHouseServer
  readonly #encoders = new RowEncoders()
  #guard: ReadOnlyGuard | undefined

  constructor(address: ClickHouseAddress, server: ClickHouseServer) {
    this.#address = address
    this.#server = server
  }

  /** Processes may migrate at the same time: every statement is repeatable, and both record the same. */
  async migrate(migrations: readonly Migration[]): Promise<void> {
    const { database, cluster } = this.#address
    const adapt = (sql: string) => (cluster === undefined ? sql : replicatedDdl(sql, cluster))
    assertVersion(await this.#outside('SELECT version()', QUERY, PING_DEADLINE_MS))
    const create = adapt(`CREATE DATABASE IF NOT EXISTS ${database}`)
    await this.#outside(create, COMMAND, MIGRATION_DEADLINE_MS)
    const command = (sql: string, options: QueryOptions = {}) =>
      this.command(adapt(sql), { deadlineMs: MIGRATION_DEADLINE_MS, ...options })
    await applyMigrations(
      { query: (sql, options) => this.query(sql, options), command },
      migrations,
    )
  }

  async insert<T extends TableSpec>(
    table: T,
    rows: readonly Row<T>[],
    { token, deadlineMs = INSERT_DEADLINE_MS }: InsertOptions = {},
  ): Promise<void> {
    const leftMs = countdown(deadlineMs)
    if (rows.length === 0) return this.#server.assertOpen()
    // The header lets the server refuse columns of other types, whose bytes it would otherwise misread.
    const body = [rowBinaryHeader(table), this.#encoders.encode(table, rows)]
    const columns = Object.keys(table.columns).map((name) => `\`${name}\``)
    await this.#server.send({
      sql: `INSERT INTO ${table.name} (${columns.join(', ')}) FORMAT RowBinaryWithNamesAndTypes`,
      settings: { ...insertSettings(rows.length, token), ...this.#quorum() },
      body,
      deadlineMs: leftMs(),
    })
  }

  async query<T>(sql: string, options: QueryOptions = {}): Promise<T[]> {
    const { deadlineMs = QUERY_DEADLINE_MS, signal } = options
    const statement = renderParameters(sql, options.parameters)
    const settings = { ...QUERY, default_format: 'JSONEachRow' }
    return jsonRows<T>(await this.#server.ask({ sql: statement, settings, deadlineMs, signal }))
  }

  async read(sql: string, format: string, options: QueryOptions = {}): Promise<string> {
    if (!/^\w+$/.test(format)) throw refused(`${format} is not the name of a format`)
    const { deadlineMs = QUERY_DEADLINE_MS, signal } = options
    const leftMs = countdown(deadlineMs)
    const evaluate = (statement: string, as: string) =>
      this.#server.ask({
        sql: statement,
        settings: { ...READ, default_format: as },
        deadlineMs: leftMs(),
        signal,
      })
    const statement = renderParameters(sql, options.parameters)
    this.#guard ??= await ReadOnlyGuard.of(evaluate)
    return evaluate(await this.#guard.admit(evaluate, statement), format)
  }

  async command(sql: string, options: QueryOptions = {}): Promise<void> {
    const { deadlineMs = QUERY_DEADLINE_MS, signal } = options
    const statement = renderParameters(sql, options.parameters)
    const settings = { ...COMMAND, ...this.#quorum() }
    await this.#server.send({ sql: statement, settings, deadlineMs, signal })
  }

  /** Works before the database exists. */
  async ping(): Promise<void> {
    await this.#outside('SELECT 1', QUERY, PING_DEADLINE_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
  }

  /** Runs what can be repeated and needs no database. */
  async #outside(sql: string, settings: Settings, deadlineMs: number): Promise<string> {
    return (await this.#server.ask({ sql, settings, inDatabase: false, deadlineMs })).trim()
  }

  /** A write that only one replica has would be lost with it. */
  #quorum(): Settings {
    return this.#address.cluster === undefined ? {} : { insert_quorum: 'auto' }
  }
}

function insertSettings(rows: number, token: string | undefined): Settings {
  return {
    async_insert: 0,
    // One block, hence all or nothing within a partition.
    max_insert_block_size: rows,
    // Without a token the engine would take two equal batches for a repeat.
    ...(token === undefined
      ? { deduplicate_insert: 'disable' }
      : { deduplicate_insert: 'enable', insert_deduplication_token: token }),
  }
}

/** A function that returns the milliseconds left. */
function countdown(deadlineMs: number): () => number {
  const end = performance.now() + deadlineMs
  return () => end - performance.now()
}

function assertVersion(version: string): void {
  if (!isOlder(version, OLDEST)) return
  const message = `ClickHouse ${version} is too old: Freshet needs ${OLDEST.join('.')} or later`
  throw refused(message)
}
