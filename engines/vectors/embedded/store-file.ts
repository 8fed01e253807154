import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { EngineError, refused } from '#engines/errors.ts'
import { damaged, isBusy, type SqliteFile, sqliteError } from '#engines/sqlite-error.ts'

/** 2: rows of deleted points. A file with a higher one was written by a newer Freshet. */
const FORMAT = 2

const TABLES = `
  CREATE TABLE IF NOT EXISTS collections (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS aliases (alias TEXT PRIMARY KEY, collection TEXT NOT NULL);
  PRAGMA user_version = ${FORMAT}`

/** The SQLite file that keeps the points, held by this process alone. Its failures are EngineErrors. */
export class StoreFile implements Disposable {
  readonly path: string
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.path = path
    this.#database = this.guarded(() => {
      mkdirSync(dirname(path), { recursive: true })
      return new DatabaseSync(path)
    })
    try {
      this.guarded(() => this.#prepareFile())
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  prepare(sql: string): StatementSync {
    return this.guarded(() => this.#database.prepare(sql))
  }

  /** All the writes or none; they are on the disk when it returns. */
  transaction<T>(write: () => T): T {
    return this.guarded(() => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        const result = write()
        this.#database.exec('COMMIT')
        return result
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
        throw error
      }
    })
  }

  /** Runs work on the file. @throws EngineError when the file fails; what else the work throws */
  guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeError(this.path, error)
    }
  }

  /** An error for content that is not what was written. */
  damaged(how: string, cause?: unknown): EngineError {
    return damaged(fileAt(this.path), how, cause)
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #prepareFile(): void {
    // A lock that dies with the process: two indexes in memory over one file would drift apart.
    this.#database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL',
    )
    const format = Number(this.#database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (format > FORMAT) {
      throw refused(
        `${this.path} was written by a newer Freshet (format ${format}, this one knows ${FORMAT}): run that version, or choose another data folder`,
      )
    }
    this.transaction(() => this.#database.exec(TABLES))
  }
}

function fileAt(path: string): SqliteFile {
  const ifDamaged = 'restore it from a copy, or move it away and start again, then reindex'
  return { what: 'the vector store', path, ifDamaged }
}

/** The EngineError for a failure of the file; a mistake in the program is returned as it is. */
function storeError(path: string, error: unknown): unknown {
  const isOfTheFile =
    error instanceof Error &&
    ('syscall' in error || ('code' in error && error.code === 'ERR_SQLITE_ERROR'))
  if (!isOfTheFile) return error
  if (!isBusy(error)) return sqliteError(error, fileAt(path))
  return new EngineError(
    'DATA_FOLDER_IN_USE',
    `${path} is in use by another process: stop that one, or choose another data folder`,
    { cause: error },
  )
}
