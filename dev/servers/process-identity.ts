import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/**
 * The start time of a process as the system counts it: the same pid with another start time is another process.
 * Undefined when there is none, or a zombie only.
 */
export function processIdentity(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid)
}

/** Whether the recorded process is still running. */
export function isRunning(process: { readonly pid: number; readonly identity: string }): boolean {
  return processIdentity(process.pid) === process.identity
}

function fromProc(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return identityInStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), boot)
  } catch {
    return undefined
  }
}

/** @param stat `/proc/PID/stat`: its fields, counted from 1, are in proc(5) */
export function identityInStat(stat: string, boot: string): string | undefined {
  // The 2nd field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => rest[number - 3]
  const [state, threads, ticks] = [field(3), Number(field(20)), field(22)]
  // While its other threads exit, a killed process is already reported as a zombie but still holds its ports.
  const isDead = (state === 'Z' && threads <= 1) || state === 'X'
  return isDead || ticks === undefined ? undefined : `${boot}/${ticks}`
}

function fromPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
  })
  const [, state = 'Z', began] = /^(\S+)\s+(.+)$/.exec(stdout?.trim() ?? '') ?? []
  return state.startsWith('Z') ? undefined : began
}
