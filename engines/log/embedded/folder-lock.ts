import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EngineError } from '#engines/errors.ts'
import { isBusy, sqliteError } from '#engines/sqlite-error.ts'
import { fileAt } from './log-file.ts'

/**
 * Keeps other processes out of a folder: an exclusive transaction, open for as long as the lock is held. The kernel ends
 * it with the process, however that dies, so there is no stale lock to clean up.
 */
export class FolderLock implements Disposable {
  readonly #db: DatabaseSync

  /** Creates the folder if absent. @throws EngineError DATA_FOLDER_IN_USE, ENGINE_UNAVAILABLE */
  constructor(folder: string) {
    const path = join(folder, 'log.lock')
    try {
      mkdirSync(folder, { recursive: true })
      this.#db = new DatabaseSync(path)
      this.#db.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      throw isBusy(error) ? inUse(folder) : sqliteError(error, fileAt(path))
    }
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }
}

function inUse(folder: string): EngineError {
  return new EngineError(
    'DATA_FOLDER_IN_USE',
    `another process has the log in ${folder} open; stop it, or choose another folder`,
  )
}
