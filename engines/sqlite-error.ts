import { corrupt, EngineError, unavailable } from './errors.ts'

// Primary result codes, https://sqlite.org/rescode.html
const BUSY = 5
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26
/** Errors of the file system that a retry cannot fix. */
const NOT_WRITABLE: readonly unknown[] = ['EACCES', 'EROFS', 'ENOTDIR']

/** What node:sqlite and node:fs say about a failure, in a form that survives a message between threads. */
export interface SqliteFailure {
  readonly message: string
  readonly code: string | undefined
  readonly errcode: number | undefined
}

/** A file as messages name it. */
export interface SqliteFile {
  /** As in 'the log file'. */
  readonly what: string
  readonly path: string
  /** Advice, the end of the sentence. */
  readonly ifDamaged: string
}

export function sqliteFailureOf(error: unknown): SqliteFailure {
  const message = error instanceof Error ? error.message : String(error)
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  return {
    message,
    code: typeof code === 'string' ? code : undefined,
    // The low byte of an extended result code is the primary one.
    errcode: typeof errcode === 'number' ? errcode & 0xff : undefined,
  }
}

export function isBusy(error: unknown): boolean {
  return sqliteFailureOf(error).errcode === BUSY
}

/** The EngineError that names the file and says what to do about it; one that is an EngineError stays as it is. */
export function sqliteError(error: unknown, file: SqliteFile): EngineError {
  return error instanceof EngineError ? error : errorOfFailure(sqliteFailureOf(error), file, error)
}

export function errorOfFailure(
  { errcode, code, message }: SqliteFailure,
  file: SqliteFile,
  cause?: unknown,
): EngineError {
  const name = `${file.what} ${file.path}`
  if (errcode === CORRUPT || errcode === NOT_A_DATABASE) return damaged(file, message, cause)
  if (errcode === CANNOT_OPEN || NOT_WRITABLE.includes(code)) {
    return unavailable(
      `cannot open ${name} (${message}); check that its folder can be written to`,
      { retriable: false, cause },
    )
  }
  const advice = errcode === FULL ? 'free some space on the disk' : 'check the disk'
  return unavailable(`${name}: ${message}; ${advice}`, { cause })
}

/** The file exists but does not hold what was written. */
export function damaged(file: SqliteFile, how: string, cause?: unknown): EngineError {
  return corrupt(`${file.what} ${file.path} is damaged (${how}); ${file.ifDamaged}`, { cause })
}
