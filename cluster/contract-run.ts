import type { EngineName } from './running-engines.ts'

/** A server for each port that is to be tried. */
export type ContractUrls = Partial<Readonly<Record<Port, string>>>
type Port = 'log' | 'registry' | 'tables' | 'vectors' | 'cache'

interface Suite {
  /** With its test files. */
  readonly folder: string
  /** As engines/test-engines.ts calls it. */
  readonly engine: EngineName
}

const SUITES: Readonly<Record<Port, Suite>> = {
  log: { folder: 'engines/log/kafka', engine: 'kafka' },
  registry: { folder: 'engines/registry/confluent', engine: 'registry' },
  tables: { folder: 'engines/tables/clickhouse', engine: 'clickhouse' },
  vectors: { folder: 'engines/vectors/qdrant', engine: 'qdrant' },
  cache: { folder: 'engines/cache/redis', engine: 'redis' },
}

export interface ContractRun {
  readonly folders: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** What to run for these servers, and how its tests find them. */
export function contractRun(urls: ContractUrls): ContractRun {
  const chosen = (Object.keys(SUITES) as Port[]).flatMap((port) => {
    const url = urls[port]
    return url === undefined ? [] : [{ ...SUITES[port], url }]
  })
  return {
    folders: chosen.map(({ folder }) => folder),
    environment: Object.fromEntries(
      chosen.map(({ engine, url }) => [`TEST_${engine.toUpperCase()}_URL`, url]),
    ),
  }
}
