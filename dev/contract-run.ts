import type { ServerName } from './running-servers.ts'

/** A server for each port to test. */
export type ContractUrls = Partial<Readonly<Record<Port, string>>>
type Port = 'log' | 'registry' | 'tables' | 'vectors' | 'cache'

/** The folder in tests/servers with the suite of each port. */
const SERVERS: Readonly<Record<Port, ServerName>> = {
  log: 'kafka',
  registry: 'registry',
  tables: 'clickhouse',
  vectors: 'qdrant',
  cache: 'redis',
}

export interface ContractRun {
  readonly folders: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** The suites for these servers, and the environment that their tests read. */
export function contractRun(urls: ContractUrls): ContractRun {
  const chosen = (Object.keys(SERVERS) as Port[]).flatMap((port) => {
    const url = urls[port]
    return url === undefined ? [] : [{ server: SERVERS[port], url }]
  })
  return {
    folders: chosen.map(({ server }) => `tests/servers/${server}`),
    environment: Object.fromEntries(
      chosen.map(({ server, url }) => [`TEST_${server.toUpperCase()}_URL`, url]),
    ),
  }
}
