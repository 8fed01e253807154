import { mkdirSync, rmSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type ChdbResult, drainPending, type Session } from 'chdb'
import { BulkheadRejectedError, bulkhead } from 'cockatiel'
import { openSession, prepareFolder } from '#engines/tables/embedded/open-session.ts'
import { quote } from '#engines/tables/literals.ts'
import { bareSql } from '#engines/tables/sql-text.ts'
import { exception } from './clickhouse-exception.ts'
import type { StandInRequest } from './read-request.ts'

/** Max queued statements while all sessions are busy. */
const WAITING_MAX = 1_000
const STOP_EVERY_MS = 50

const ENGINE_ARGUMENTS = [
  '--max_server_memory_usage=1500000000',
  '--mark_cache_size=67108864',
  '--index_mark_cache_size=33554432',
  '--background_pool_size=2',
  '--background_schedule_pool_size=4',
]

/** Runs statements in chDB as a server would: concurrently, each with its own settings, parameters and database. */
export class ChdbStatements implements AsyncDisposable {
  readonly #folder: string
  readonly #staging: string
  /** Keeps chDB open, and runs KILL QUERY for the other sessions. */
  readonly #keeper: Session
  readonly #turns
  readonly #running = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()
  #next = 0

  /** @throws EngineError DATA_FOLDER_IN_USE, ENGINE_REFUSED, ENGINE_CORRUPT */
  constructor(folder: string, runningMax: number) {
    prepareFolder(folder)
    this.#folder = folder
    this.#keeper = openSession(folder, ENGINE_ARGUMENTS)
    // Only after the session holds the folder.
    this.#staging = resolve(folder, 'staging')
    rmSync(this.#staging, { recursive: true, force: true })
    mkdirSync(this.#staging)
    this.#turns = bulkhead(runningMax, WAITING_MAX)
  }

  /** The signal cancels it, queued or running. @throws Error of chDB, ClickHouseException */
  async run(request: StandInRequest, signal: AbortSignal): Promise<ChdbResult> {
    const { work } = request
    if ('sql' in work) return this.#inTurn(request, oneStatement(work.sql), signal)
    this.#next += 1
    const path = join(this.#staging, `${this.#next}.bin`)
    try {
      await writeFile(path, work.data)
      return await this.#inTurn(request, work.fromFile(quote(path)), signal)
    } finally {
      await rm(path, { force: true })
    }
  }

  /** Stops running statements. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
    this.#keeper.close()
    await drainPending()
  }

  async #inTurn(request: StandInRequest, sql: string, closed: AbortSignal): Promise<ChdbResult> {
    const signal = AbortSignal.any([closed, this.#closing.signal])
    const running = this.#turns.execute(() => this.#inSession(request, sql, signal))
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error
      throw exception(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries')
    } finally {
      this.#running.delete(running)
    }
  }

  /** A session per request (about 1 ms), so that settings never leak into another request. */
  async #inSession(request: StandInRequest, sql: string, signal: AbortSignal): Promise<ChdbResult> {
    signal.throwIfAborted()
    using session = openSession(this.#folder, ['--max_threads=2'])
    await session.queryAsync(preludeOf(request))
    signal.throwIfAborted()
    const ended = new AbortController()
    const stop = () => void this.#stop(request.queryId, ended.signal)
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await session.queryAsync(sql, { format: request.format })
    } finally {
      ended.abort()
      signal.removeEventListener('abort', stop)
    }
  }

  /** Repeats until the statement has ended: KILL QUERY does not find one that is just starting. */
  async #stop(queryId: string, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      // SYNC can hang in chDB.
      const kill = `KILL QUERY WHERE Settings['log_comment'] = ${quote(queryId)} ASYNC`
      await this.#keeper.queryAsync(kill).catch(() => undefined)
      await setTimeout(STOP_EVERY_MS)
    }
  }
}

/** Selects the database and applies the URL's settings; `param_x` binds `{x:Type}`. KILL QUERY finds the statement by its comment. */
function preludeOf({ database, settings, queryId }: StandInRequest): string {
  const assignments = [...settings, ['log_comment', queryId] as const].map(([name, value]) => {
    if (!/^\w+$/.test(name)) throw exception(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`)
    return `${name} = ${quote(value)}`
  })
  return `USE \`${database.replace(/[\\`]/g, '\\$&')}\`; SET ${assignments.join(', ')}`
}

/** chDB would run several statements; ClickHouse over HTTP refuses them. */
function oneStatement(sql: string): string {
  const bare = bareSql(sql)
  if (bare.trim() === '') throw exception(62, 'SYNTAX_ERROR', 'Syntax error: Empty query')
  if (/;\s*[^\s;]/.test(bare)) {
    throw exception(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)')
  }
  return sql
}
