import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireLock } from './acquire-lock.ts'

let file: string
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'freshet-lock-')), 'a.lock')
})
afterEach(() => rmSync(join(file, '..'), { recursive: true }))

test('the second waits, and reports it, until the first releases the lock', async () => {
  const first = await acquireLock(file)
  const { promise: waits, resolve } = Promise.withResolvers<void>()
  let isHeld = false
  const second = acquireLock(file, resolve).then((lock) => {
    isHeld = true
    return lock
  })
  await waits
  expect(isHeld).toBe(false)
  first[Symbol.dispose]()
  const lock = await second
  expect(isHeld).toBe(true)
  lock[Symbol.dispose]()
})

test('a killed process releases its lock', async () => {
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { acquireLock } from '${join(import.meta.dirname, 'acquire-lock.ts')}'
     globalThis.lock = await acquireLock('${file}')
     process.stdout.write('held')
     setInterval(() => {}, 1000)`,
  ])
  await once(holder.stdout, 'data')
  const next = acquireLock(file, () => holder.kill('SIGKILL'))
  const lock = await next
  expect(holder.killed).toBe(true)
  lock[Symbol.dispose]()
})
