import { EngineError } from '#engines/errors.ts'

// Primary result codes, https://sqlite.org/rescode.html
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

/** What node:sqlite and node:fs say about a failure, in a form that survives a message between threads. */
export interface SqliteFailure {
  readonly message: string
  readonly code: string | undefined
  readonly errcode: number | undefined
}

export function sqliteFailureOf(error: unknown): SqliteFailure {
  if (!(error instanceof Error))
    return { message: String(error), code: undefined, errcode: undefined }
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return {
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    // The low byte of an extended result code is the primary one.
    errcode: typeof errcode === 'number' ? errcode & 0xff : undefined,
  }
}

export function isBusy(error: unknown): boolean {
  return sqliteFailureOf(error).errcode === SQLITE_BUSY
}

/** The EngineError that names the file and says what to do about it. */
export function engineErrorOf(error: unknown, path: string): EngineError {
  if (error instanceof EngineError) return error
  return engineErrorFrom(sqliteFailureOf(error), path, error)
}

export function engineErrorFrom(
  failure: SqliteFailure,
  path: string,
  cause?: unknown,
): EngineError {
  const { errcode, code, message } = failure
  if (errcode === SQLITE_CORRUPT || errcode === SQLITE_NOTADB) {
    return new EngineError(
      'ENGINE_CORRUPT',
      `the log file ${path} is damaged (${message}); restore it from a backup, or move it aside to start with an empty log`,
      { cause },
    )
  }
  if (errcode === SQLITE_CANTOPEN || code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR') {
    return new EngineError(
      'ENGINE_UNAVAILABLE',
      `cannot open the log file ${path} (${message}); check that its folder can be written to`,
      { retriable: false, cause },
    )
  }
  const advice = errcode === SQLITE_FULL ? 'free some space on the disk' : 'check the disk'
  return new EngineError('ENGINE_UNAVAILABLE', `the log file ${path}: ${message}; ${advice}`, {
    cause,
  })
}
