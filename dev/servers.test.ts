import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'

const folder = temporaryFolder()

describe('a machine without programs', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'servers.ts'), ...args], {
      encoding: 'utf8',
      env: { PATH: '/nowhere' },
    })
  const up = (...names: string[]) => run('up', ...names, '--folder', folder, '--free-ports')

  test('a requested server that is missing fails with what to do', () => {
    const { status, stderr } = up('redis')
    expect(stderr).toBe(
      'redis      cannot be had: there is no redis-server: `apt-get install redis-server`\n',
    )
    expect(status).toBe(1)
  })

  test('status prints JSON, and a wrong name is wrong usage', () => {
    const { status, stdout } = run('status', 'redis', '--json', '--folder', folder)
    expect(JSON.parse(stdout)).toEqual([{ server: 'redis', state: 'stopped' }])
    expect(status).toBe(0)
    expect(run('up', 'oracle').status).toBe(2)
    expect(run('up', 'kafka', '--brokers', '0').status).toBe(2)
  })
})
