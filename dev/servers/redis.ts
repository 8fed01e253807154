import { Redis } from 'ioredis'
import { versionOf } from './run-program.ts'
import { ServerMissing, type ServerRecipe } from './server-recipe.ts'

/** Redis or Valkey from the system's packages, without persistence: after a restart the cache is empty. */
export const REDIS: ServerRecipe = {
  title: 'Redis',
  usualPorts: () => [{ client: 6379 }],
  async prepare({ folder, ports }) {
    const program = await found()
    const port = ports[0]?.client
    const url = `redis://127.0.0.1:${port}`
    const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder]
    return {
      version: program.version,
      url,
      commands: [
        {
          program: program.name,
          args: [
            ...args,
            '--save',
            '',
            '--maxmemory',
            '256mb',
            '--maxmemory-policy',
            'allkeys-lru',
          ],
        },
      ],
      isReady: () => answersPing(url),
    }
  },
}

async function found(): Promise<{ name: string; version: string }> {
  for (const [name, title] of [
    ['redis-server', 'Redis'],
    ['valkey-server', 'Valkey'],
  ] as const) {
    const output = await versionOf(name)
    if (output !== undefined) return { name, version: `${title} ${/v=(\S+)/.exec(output)?.[1]}` }
  }
  throw new ServerMissing('there is no redis-server: `apt-get install redis-server`')
}

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 1_000,
  })
  client.on('error', () => {})
  try {
    return (await client.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}
