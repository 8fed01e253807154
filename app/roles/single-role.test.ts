import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from '#app/config.ts'
import { startIngestProcess, startProcessingProcess, startServingProcess } from './single-role.ts'

const logger = pino({ level: 'silent' })

/** Servers that need not exist: whether an engine can be shared is checked before any of them is called. */
const SERVERS = {
  LOG_URL: 'kafka://127.0.0.1:1',
  TABLES_URL: 'clickhouse://127.0.0.1:1/freshet',
  VECTORS_URL: 'qdrant://127.0.0.1:1',
  REGISTRY_URL: 'http://127.0.0.1:1',
}

test.each([
  ['ingest', startIngestProcess, ['LOG_URL', 'REGISTRY_URL']],
  ['process', startProcessingProcess, ['LOG_URL', 'TABLES_URL', 'VECTORS_URL', 'REGISTRY_URL']],
  ['serve', startServingProcess, ['LOG_URL', 'TABLES_URL', 'VECTORS_URL', 'REGISTRY_URL']],
] as const)(
  '%s refuses an embedded engine that processes would have to share, by the name of its setting',
  async (_, start, needed) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'freshet-role-'))
    for (const key of needed) {
      const { [key]: _left, ...others } = SERVERS
      const starting = start({ config: loadConfig({ data: folder.path }, others), logger })
      await expect(starting).rejects.toThrow(ConfigError)
      await expect(starting).rejects.toThrow(
        `${key} is embedded, and that belongs to one process: give the URL of a server, or run everything in one with \`freshet start\``,
      )
    }
  },
)
