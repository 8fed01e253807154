import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { MAIN } from './freshet-process.ts'

interface RunOptions {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Ends it with SIGTERM. */
  readonly signal?: AbortSignal
}

/** Runs one command of Freshet to its end, its output on ours. @throws Error when it fails */
export async function runFreshet({ args, environment, signal }: RunOptions): Promise<void> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  signal?.addEventListener('abort', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0 && !signal?.aborted) throw new Error(`freshet ${args[0]} failed, see above`)
}
