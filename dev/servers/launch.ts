import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { Ports, RunningProcess } from '../running-servers.ts'
import { processIdentity } from './process-identity.ts'
import type { ServerCommand } from './server-recipe.ts'

/** Starts a detached server process, with its output appended to the log. @throws Error when the program cannot be run */
export async function launch(
  { program, args, cwd, user }: ServerCommand,
  { ports, log }: { readonly ports: Ports; readonly log: string },
): Promise<RunningProcess> {
  const output = openSync(log, 'a')
  try {
    const child = spawn(program, args, {
      ...user,
      ...(cwd === undefined ? {} : { cwd }),
      detached: true,
      stdio: ['ignore', output, output],
    })
    await once(child, 'spawn')
    child.unref()
    const pid = child.pid ?? 0
    return { pid, identity: processIdentity(pid) ?? 'ended at once', ports, log }
  } finally {
    closeSync(output)
  }
}
