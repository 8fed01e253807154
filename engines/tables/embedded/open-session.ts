import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Session } from 'chdb'
import { corrupt, EngineError, refused } from '#engines/errors.ts'

/** Opens one session on the folder. @throws EngineError DATA_FOLDER_IN_USE, ENGINE_REFUSED, ENGINE_CORRUPT */
export function openSession(folder: string, connectionArgs: readonly string[]): Session {
  try {
    return new Session(folder, { connectionArgs })
  } catch (cause) {
    throw whyNot(folder, cause)
  }
}

/** Creates the folder and checks that it is writable: chDB's own error does not say why it failed. */
export function prepareFolder(folder: string): void {
  if (/[*?{}]/.test(resolve(folder))) {
    const message = `the engine takes the folder ${resolve(folder)} for a pattern: choose a path without * ? { }`
    throw refused(message)
  }
  try {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, '.writable')
    writeFileSync(file, '')
    rmSync(file)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    const message = `cannot write in the folder ${folder} (${reason}): choose another or change its permissions`
    throw refused(message, { cause })
  }
}

function whyNot(folder: string, cause: unknown): EngineError {
  const owner = ownerOf(folder)
  if (owner !== undefined) {
    const message = `the folder ${folder} is in use by process ${owner}: stop it or choose another folder`
    return new EngineError('DATA_FOLDER_IN_USE', message, { cause })
  }
  const words = cause instanceof Error ? cause.message : String(cause)
  if (/one active data directory/.test(words)) {
    const message = `this process already uses another tables folder than ${folder}: close it first`
    return refused(message, { cause })
  }
  const message = `the tables in ${folder} cannot be opened, most likely because files are damaged (the engine's own message is above): restore the folder from a copy, with the log of the same copy`
  return corrupt(message, { cause })
}

/** The process named by the engine's lock file, if it is alive and not this one. */
function ownerOf(folder: string): number | undefined {
  const pid = lockedBy(folder)
  if (pid === undefined || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    // EPERM: it is alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined
  }
}

function lockedBy(folder: string): number | undefined {
  try {
    const pid = /^PID: (\d+)/m.exec(readFileSync(join(folder, 'status'), 'utf8'))?.[1]
    return pid === undefined ? undefined : Number(pid)
  } catch {
    return undefined
  }
}
