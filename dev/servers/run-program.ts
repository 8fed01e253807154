import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface RunOptions {
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** What it reads. */
  readonly input?: string
}

const SAID_LINES = 5

/** Runs a program to its end. @throws Error with the last that it said when it failed */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input = '', ...options }: RunOptions = {},
): Promise<void> {
  const child = spawn(program, args, options)
  child.stdin.end(input)
  const [[code], ...said] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ])
  if (code === 0) return
  const last = said.join('').trim().split('\n').slice(-SAID_LINES)
  throw new Error(`${program} ended with ${code}: ${last.join('\n')}`)
}
