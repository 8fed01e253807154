import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { identityInStat, isRunning, processIdentity } from './process-identity.ts'

/** `/proc/PID/stat` of a program with a hostile name. */
const stat = (state: string, threads: number) =>
  `42 (a) b (c)) ${state} 1 42 42 0 -1 4194560 1 0 0 0 7 3 0 0 20 0 ${threads} 0 987654 1000000 500`

test('the start time is found behind any program name', () => {
  expect(identityInStat(stat('S', 1), 'boot')).toBe('boot/987654')
})

test('a zombie is not a process, unless its threads are still exiting', () => {
  expect(identityInStat(stat('Z', 1), 'boot')).toBeUndefined()
  expect(identityInStat(stat('Z', 2), 'boot')).toBe('boot/987654')
})

test('a process keeps its identity until it ends', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  const identity = processIdentity(pid) ?? 'none'
  expect(isRunning({ pid, identity })).toBe(true)
  expect(processIdentity(pid)).toBe(identity)
  expect(isRunning({ pid, identity: `${identity}0` })).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning({ pid, identity })).toBe(false)
})
