import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, 'main.ts')

function start(...args: string[]) {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function hostOf(child: ReturnType<typeof start>): Promise<string> {
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  expect(line).toMatch(
    /^chDB stand-in for ClickHouse ready at clickhouse:\/\/127\.0\.0\.1:\d+\/freshet\n$/,
  )
  return new URL(line.trim().split(' ').at(-1) ?? '').host
}

test('the stand-in prints its URL, keeps its data, and ends on SIGTERM', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-stand-in-main-'))
  try {
    for (const sql of [
      'CREATE DATABASE kept',
      "SELECT name FROM system.databases WHERE name = 'kept'",
    ]) {
      const child = start('--port', '0', '--data', folder)
      const host = await hostOf(child)
      const answer = await fetch(`http://${host}`, { method: 'POST', body: sql })
      expect(await answer.text()).toBe(sql.startsWith('SELECT') ? 'kept\n' : '')
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a folder in use is refused with the pid of its owner, and running statements are stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-stand-in-main-'))
  try {
    const first = start('--port', '0', '--data', folder)
    const host = await hostOf(first)
    const endless = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)'
    const query = fetch(`http://${host}`, { method: 'POST', body: endless })
    const quick = fetch(`http://${host}`, { method: 'POST', body: 'SELECT sleep(1)' })
    const second = start('--port', '0', '--data', folder)
    const words = await text(second.stderr)
    expect(words).toContain(`the folder ${folder} is in use by process ${first.pid}`)
    expect(second.exitCode ?? (await once(second, 'exit'))[0]).toBe(1)
    first.kill('SIGTERM')
    expect(await (await quick).text()).toBe('0\n')
    await expect(query).rejects.toThrow('fetch failed')
    expect(await once(first, 'exit')).toEqual([0, null])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('without a folder it prints its usage', async () => {
  const child = start()
  const [words] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
  expect(words).toMatch(/^usage: main\.ts --data DIR/)
  expect(await once(child, 'exit')).toEqual([2, null])
})
