import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runningServers } from '#dev/running-servers.ts'
import { startClickHouseStandIn } from '#dev/stand-ins/clickhouse/start-clickhouse-stand-in.ts'
import { openClickHouseTables } from '#engines/tables/clickhouse/clickhouse-tables.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { Target } from './fault-plan.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** Servers that Freshet reaches through proxies only. */
export interface ProxiedServers extends AsyncDisposable {
  readonly proxies: ReadonlyMap<Target, TcpProxy>
  /** Settings for Freshet. */
  readonly environment: Readonly<Record<string, string>>
  /** The tables, past the proxy. */
  readonly tables: Tables
}

const KEYS = { tables: 'TABLES_URL', cache: 'CACHE_URL', registry: 'REGISTRY_URL' } as const

/**
 * chDB as a ClickHouse server in this process, and the Redis and the registry that `npm run servers` has started, if it
 * has; each behind a proxy.
 */
export async function startProxiedServers(
  folder: string,
  random: SeededRandom,
): Promise<ProxiedServers> {
  await using starting = new AsyncDisposableStack()
  await mkdir(folder, { recursive: true })
  const standIn = starting.use(await startClickHouseStandIn({ folder: join(folder, 'clickhouse') }))
  const tables = starting.use(await openClickHouseTables({ url: standIn.url }))
  const { redis, registry } = runningServers()
  const urls = { tables: standIn.url, cache: redis?.url, registry: registry?.url }
  const proxies = new Map<Target, TcpProxy>()
  const environment: Record<string, string> = {}
  for (const target of ['tables', 'cache', 'registry'] as const) {
    const url = urls[target]
    if (url === undefined) continue
    const { port } = new URL(url)
    const proxy = await startTcpProxy({ target: Number(port), random: () => random.next() })
    proxies.set(target, starting.use(proxy))
    environment[KEYS[target]] = url.replace(`:${port}`, `:${proxy.port}`)
  }
  const started = starting.move()
  return { proxies, environment, tables, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
