import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface RunNodeOptions {
  readonly environment: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Ends it with SIGTERM. */
  readonly signal?: AbortSignal
}

/** Runs a script to its end, with its output on ours. Resolves with its exit code, null when a signal ended it. */
export async function runNode(
  args: readonly string[],
  { environment, cwd, signal }: RunNodeOptions,
): Promise<number | null> {
  const child = spawn(process.execPath, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  signal?.addEventListener('abort', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}
