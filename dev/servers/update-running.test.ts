import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runningFile, runningServers, SERVER_NAMES } from '../running-servers.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-running-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Adds and removes one server many times, ending with it added. */
const WRITER = `
  import { updateRunning } from '${join(import.meta.dirname, 'update-running.ts')}'
  const [folder, server] = process.argv.slice(1)
  for (let round = 0; round < 25; round++) {
    await updateRunning(folder, ({ [server]: _, ...others }) => others)
    await updateRunning(folder, (others) => ({ ...others, [server]: { url: server } }))
  }`

test('concurrent updates of several processes are all kept', async () => {
  const writers = SERVER_NAMES.map(async (server) => {
    const args = ['--input-type=module', '-e', WRITER, folder, server]
    const [code] = (await once(spawn(process.execPath, args), 'exit')) as [number]
    return code
  })
  expect(await Promise.all(writers)).toEqual(SERVER_NAMES.map(() => 0))
  const running = runningServers(folder)
  expect(SERVER_NAMES.map((server) => running[server]?.url)).toEqual(SERVER_NAMES)
  expect(statSync(runningFile(folder)).mode & 0o777).toBe(0o600)
})
