import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ENGINE_NAMES, runningEngines, runningFile } from '#cluster/running-engines.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-running-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Adds and removes one engine many times, and leaves it there. */
const WRITER = `
  import { updateRunning } from '${join(import.meta.dirname, 'update-running.ts')}'
  const [folder, engine] = process.argv.slice(1)
  for (let round = 0; round < 25; round++) {
    await updateRunning(folder, ({ [engine]: _, ...others }) => others)
    await updateRunning(folder, (others) => ({ ...others, [engine]: { url: engine } }))
  }`

test('processes that change the list at once lose nothing of each other', async () => {
  const writers = ENGINE_NAMES.map(async (engine) => {
    const args = ['--input-type=module', '-e', WRITER, folder, engine]
    const [code] = (await once(spawn(process.execPath, args), 'exit')) as [number]
    return code
  })
  expect(await Promise.all(writers)).toEqual(ENGINE_NAMES.map(() => 0))
  const running = runningEngines(folder)
  expect(ENGINE_NAMES.map((engine) => running[engine]?.url)).toEqual(ENGINE_NAMES)
  expect(statSync(runningFile(folder)).mode & 0o777).toBe(0o600)
})
