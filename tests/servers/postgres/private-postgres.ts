import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { POSTGRES } from '#dev/servers/postgres.ts'
import { ServerMissing } from '#dev/servers/server-recipe.ts'
import { until } from './open-outbox.ts'

/** A server of one test's own, that may be stopped and killed. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly url: string
  start(): Promise<void>
  /** SIGINT stops it cleanly, SIGQUIT as if it crashed. */
  stop(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>
}

/** Undefined where PostgreSQL's programs are not. */
export async function startPrivatePostgres(): Promise<PrivatePostgres | undefined> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'freshet-private-postgres-')))
  // Its user is another one when the tests run as root, and has to be able to enter the folder.
  await chmod(folder, 0o711)
  const remove = () => rm(folder, { recursive: true })
  try {
    const port = await freePort()
    const place = { folder, programs: folder, ports: [{ client: port }], report: () => {} }
    const { url, isReady, commands } = await POSTGRES.prepare(place)
    const [command] = commands
    if (command === undefined) throw new Error('the recipe starts nothing')
    let server: ChildProcess | undefined
    const start = async () => {
      const { program, args, cwd, user } = command
      server = spawn(program, args, { ...user, ...(cwd && { cwd }), stdio: 'ignore' })
      await until(isReady)
    }
    const stop = async (signal: NodeJS.Signals) => {
      if (server === undefined || server.exitCode !== null) return
      const ended = once(server, 'exit')
      server.kill(signal)
      await ended
    }
    await start()
    const dispose = async () => {
      await stop('SIGQUIT')
      await remove()
    }
    return { url, start, stop, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await remove()
    if (error instanceof ServerMissing) return undefined
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
