import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface RunOptions {
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** Standard input. */
  readonly input?: string
}

const LAST_LINES = 5

/** Runs a program to its end. @throws Error with its last lines of output when it fails */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input = '', ...options }: RunOptions = {},
): Promise<string> {
  const child = spawn(program, args, options)
  // A program may end without reading it.
  child.stdin.on('error', () => undefined).end(input)
  const [[code], ...outputs] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ])
  const output = outputs.join('')
  if (code === 0) return output
  const last = output.trim().split('\n').slice(-LAST_LINES)
  throw new Error(`${program} ended with ${code}: ${last.join('\n')}`)
}

/** A program's version text, from standard output and error; undefined when it cannot be run. */
export function versionOf(program: string, option = '--version'): Promise<string | undefined> {
  return runProgram(program, [option]).catch(() => undefined)
}
