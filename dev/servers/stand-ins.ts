import { join } from 'node:path'
import type { ServerRecipe } from './server-recipe.ts'

interface StandIn {
  readonly title: string
  /** What it runs on, for display. */
  readonly version: string
  readonly port: number
  readonly main: string
  readonly urlOf: (port: number) => string
  /** Answers 200 once it is ready. */
  readonly probePath: string
}

const PROBE_TIMEOUT_MS = 2_000
const FOLDER = join(import.meta.dirname, '..', 'stand-ins')

/** No package registry has a ClickHouse server: the stand-in runs on chDB, ClickHouse's engine as a library. */
export const CLICKHOUSE = standIn({
  title: 'ClickHouse',
  version: 'chDB stand-in',
  port: 8123,
  main: join(FOLDER, 'clickhouse', 'main.ts'),
  urlOf: (port) => `clickhouse://127.0.0.1:${port}/freshet`,
  probePath: '/ping',
})

/** Nor Qdrant: the stand-in runs on our embedded vectors. */
export const QDRANT = standIn({
  title: 'Qdrant',
  version: 'embedded stand-in',
  port: 6333,
  main: join(FOLDER, 'qdrant', 'main.ts'),
  urlOf: (port) => `qdrant://127.0.0.1:${port}`,
  probePath: '/readyz',
})

function standIn({ title, version, port, main, urlOf, probePath }: StandIn): ServerRecipe {
  return {
    title,
    standIn: true,
    usualPorts: () => [{ client: port }],
    async prepare({ folder, ports }) {
      const client = ports[0]?.client ?? port
      const args = [main, '--port', String(client), '--data', join(folder, 'data')]
      return {
        version,
        url: urlOf(client),
        commands: [{ program: process.execPath, args }],
        isReady: () => answers(`http://127.0.0.1:${client}${probePath}`),
      }
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })).ok
  } catch {
    return false
  }
}
