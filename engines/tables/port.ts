import type { Row, TableSpec } from '#schemas/tables.ts'

/** A numbered SQL file: `001-raw-events`, statements separated by `;` at the end of a line. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

export interface InsertOptions {
  /** Same token, same table: the engine may drop the repeat. An optimisation, never the proof. */
  readonly token?: string
  /** After this the insert has failed and does not run any more; default 30 s. */
  readonly deadlineMs?: number
}

/** A value bound to `{name:Type}` in a query. */
export type QueryParameter =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly (string | number)[]

export interface QueryOptions {
  readonly parameters?: Readonly<Record<string, QueryParameter>>
  /** The engine stops the query after this; default 10 s. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}

/** Columnar tables that speak ClickHouse SQL. */
export interface Tables extends AsyncDisposable {
  /** Applies those not applied yet, once each and in order of name; refuses one whose text has changed since. */
  migrate(migrations: readonly Migration[]): Promise<void>

  /**
   * Inserts the rows as one block, atomically within a partition of the table: durable and visible to every later
   * query when it resolves. On rejection any subset may be there: insert the identical rows again with the same token.
   * @throws EngineError ENGINE_UNAVAILABLE, ENGINE_TIMEOUT (retry); ENGINE_REFUSED (a bad row or table: do not)
   */
  insert<T extends TableSpec>(
    table: T,
    rows: readonly Row<T>[],
    options?: InsertOptions,
  ): Promise<void>

  /**
   * Runs a SELECT and resolves with its rows as objects. Integers of 64 bits arrive as strings; times as strings in UTC,
   * DateTime64(3) as `YYYY-MM-DD hh:mm:ss.mmm` and DateTime without the milliseconds. Sees every insert that resolved before.
   * @throws EngineError ENGINE_REFUSED (wrong SQL, with the engine's message), ENGINE_TIMEOUT, ENGINE_UNAVAILABLE
   */
  query<T>(sql: string, options?: QueryOptions): Promise<T[]>

  /** Runs one statement that cannot write, and resolves with the engine's own output in `format` (JSONEachRow, CSVWithNames, …). */
  read(sql: string, format: string, options?: QueryOptions): Promise<string>

  /** Runs statements that write without inserting rows: INSERT SELECT, ALTER, OPTIMIZE. */
  command(sql: string, options?: QueryOptions): Promise<void>

  ping(): Promise<void>
}
