import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processIdentity } from './process-identity.ts'
import { stopProcess } from './stop-process.ts'

let child: ReturnType<typeof spawn>
let pid: number
beforeEach(async () => {
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  pid = child.pid ?? 0
})
afterEach(() => {
  child.kill('SIGKILL')
})

const written = (identity: string) => ({ pid, identity, ports: { client: 1 }, log: '' })

test('the recorded process is ended with the given signal', async () => {
  const ended = once(child, 'exit')
  await stopProcess(written(processIdentity(pid) ?? ''), 'SIGINT')
  expect(await ended).toEqual([null, 'SIGINT'])
})

test('another process with the same pid is left alone', async () => {
  await stopProcess(written('another beginning'))
  expect(child.exitCode).toBeNull()
  expect(child.signalCode).toBeNull()
  expect(processIdentity(pid)).toBeDefined()
})
