import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, 'main.ts')

test('the stand-in says where it is, keeps what it was given, and ends when told to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-stand-in-main-'))
  try {
    for (const sql of [
      'CREATE DATABASE kept',
      "SELECT name FROM system.databases WHERE name = 'kept'",
    ]) {
      const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
      expect(line).toMatch(
        /^chDB stand-in for ClickHouse ready at clickhouse:\/\/127\.0\.0\.1:\d+\/freshet\n$/,
      )
      const { host } = new URL(line.trim().split(' ').at(-1) ?? '')
      const answer = await fetch(`http://${host}`, { method: 'POST', body: sql })
      expect(await answer.text()).toBe(sql.startsWith('SELECT') ? 'kept\n' : '')
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('without a folder it says how it is used', async () => {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [words] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
  expect(words).toMatch(/^usage: main\.ts --data DIR/)
  expect(await once(child, 'exit')).toEqual([2, null])
})
