import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { withPrograms } from '../../tests/servers/redis/redis-server.ts'
import { startServers } from './start-servers.ts'
import { statusOf } from './status-of.ts'
import { stopServers } from './stop-servers.ts'

const folder = temporaryFolder()
afterAll(async () => {
  await stopServers(['redis'], { folder })
})

withPrograms(['redis-server'], () => {
  describe('a server', () => {
    const up = () => startServers(['redis'], { folder, freePorts: true })
    const stateOf = () => statusOf(['redis'], folder)[0]?.state

    test('started twice concurrently starts once, and answers', async () => {
      const both = (await Promise.all([up(), up()])).flat()
      expect(both.map(({ state }) => state).toSorted()).toEqual(['started', 'was running'])
      expect(stateOf()).toBe('running')
      const [first, second] = both.map((outcome) => 'running' in outcome && outcome.running)
      expect(first).toEqual(second)
      expect(await ping()).toBe('PONG')
    })

    test('killed, its state is died, and it restarts on the same port', async () => {
      const [{ processes: [before] = [], url } = {}] = statusOf(['redis'], folder)
      process.kill(before?.pid ?? 0, 'SIGKILL')
      await expect.poll(stateOf).toBe('died')
      expect(await up()).toMatchObject([{ state: 'started', running: { url } }])
      const [{ processes: [after] = [] } = {}] = statusOf(['redis'], folder)
      expect(after?.pid).not.toBe(before?.pid)
      expect(await ping()).toBe('PONG')
    })

    test('stops, and its log is kept', async () => {
      const [{ processes: [{ log } = { log: '' }] = [] } = {}] = statusOf(['redis'], folder)
      expect(await stopServers(['redis'], { folder })).toEqual([
        { server: 'redis', wasRunning: true },
      ])
      expect(stateOf()).toBe('stopped')
      expect(await stopServers(['redis'], { folder })).toEqual([
        { server: 'redis', wasRunning: false },
      ])
      expect(readFileSync(log, 'utf8')).toContain('Ready to accept connections')
    })

    async function ping(): Promise<string> {
      const client = new Redis(statusOf(['redis'], folder)[0]?.url ?? '')
      try {
        return await client.ping()
      } finally {
        client.disconnect()
      }
    }
  })
})
