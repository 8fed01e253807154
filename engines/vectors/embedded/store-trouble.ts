import { EngineError } from '#engines/errors.ts'

const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/** What went wrong with the file at `path`, as an EngineError that says what to do; errors of our own pass unchanged. */
export function storeTrouble(path: string, error: unknown): unknown {
  const code = systemCode(error)
  if (error instanceof EngineError || code === undefined) return error
  const words = error instanceof Error ? error.message : String(error)
  const sqlite = sqliteCode(error)
  if (sqlite === SQLITE_BUSY) {
    return new EngineError(
      'DATA_FOLDER_IN_USE',
      `${path} is in use by another process: stop that one, or choose another data folder`,
      { cause: error },
    )
  }
  if (sqlite === SQLITE_CORRUPT || sqlite === SQLITE_NOTADB) {
    return corruptStore(path, words, error)
  }
  return new EngineError(
    'ENGINE_UNAVAILABLE',
    `the vector store at ${path} failed (${words}): check that the disk has room and the folder may be written`,
    { cause: error },
  )
}

/** The file is there but does not hold what was written. */
export function corruptStore(path: string, words: string, cause?: unknown): EngineError {
  return new EngineError(
    'ENGINE_CORRUPT',
    `${path} is damaged (${words}): restore it from a copy, or move it away and start again, then reindex`,
    { cause },
  )
}

/** `ERR_SQLITE_ERROR`, `EACCES`, …; undefined for a programmer's error. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const { code } = error
  return code === 'ERR_SQLITE_ERROR' || 'syscall' in error ? String(code) : undefined
}

/** The primary result code of SQLite; extended ones carry more in the upper bits. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return Number(error.errcode) & 0xff
}
