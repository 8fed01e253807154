import type { RequestHandler } from 'express'
import type { EngineName, Engines } from '#app/engines/engines.ts'
import { ALL_ENGINES } from '#app/engines/open-engines.ts'
import type { Role, RoleContext } from '#app/roles/role.ts'
import { httpApp } from '#http/http-app.ts'
import { endpoints as endpointsOf } from '#http/route.ts'
import { type EngineProbe, healthEndpoints } from '#serving/http/health-routes.ts'
import { allowedHosts, isLoopback } from './allowed-hosts.ts'
import { API_DESCRIPTION } from './api-description.ts'
import { ERROR_PAGE_ROUTES } from './error-page-routes.ts'
import { foreignOrigin } from './foreign-origin.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { rateLimit } from './rate-limit.ts'

/** For tests. */
export interface Watching {
  /** Called before all else. */
  readonly watch?: RequestHandler
}

/** Without a cache answers are slower; without a registry, schemas that are already known are still read and written. */
const DISPENSABLE: ReadonlySet<string> = new Set(['cache', 'registry'])

const EXPOSED =
  'There is no login: anybody who reaches this address can read and write everything. Put a gateway with a login in front, or start with --host 127.0.0.1.'

/** Answers for the roles of this process, and reports whether it and its engines are healthy. @throws ConfigError */
export async function answerFor(
  roles: readonly Role[],
  engines: Partial<Engines<EngineName>> & Pick<Engines, 'clock' | 'cache'>,
  { config, logger, metrics }: Omit<RoleContext, 'codec'>,
  watching: Watching = {},
): Promise<HttpServer> {
  const probes = ALL_ENGINES.flatMap((name): EngineProbe[] => {
    const engine = name === 'model' ? undefined : engines[name]
    const isOptional = DISPENSABLE.has(name)
    return engine === undefined ? [] : [{ name, isOptional, ping: () => engine.ping() }]
  })
  const { host, port } = config
  const isExposed = !isLoopback(host)
  if (isExposed) logger.warn({ host }, EXPOSED)
  let isStopping = false
  const health = healthEndpoints({
    engines: [...probes, ...roles.flatMap((role) => role.probes)],
    metrics,
    now: () => engines.clock.now(),
    warning: isExposed ? EXPOSED : undefined,
    isStopping: () => isStopping,
  })
  const { trustProxy } = config.rateLimit
  const ownHosts = allowedHosts({ listensOn: host, named: config.allowedHosts })
  const ownPages = foreignOrigin(config.allowedOrigins)
  const limit = rateLimit({ ...config.rateLimit, ...engines, logger })
  const endpoints = [
    ...roles.flatMap((role) => role.endpoints),
    ...health,
    ...endpointsOf(ERROR_PAGE_ROUTES, undefined),
  ]
  const guards = [ownHosts, ownPages]
  const api = API_DESCRIPTION
  const app = httpApp({ endpoints, api, guards, limit, trustProxy, logger, ...watching })
  const server = await startHttpServer({ host, port, app })
  return {
    url: server.url,
    announceStop() {
      isStopping = true
      server.announceStop()
    },
    async [Symbol.asyncDispose]() {
      // Streams end at once; what feeds them may wait for an engine, and nobody is to be taken meanwhile.
      const streams = Promise.all(roles.map(async (role) => role.endStreams?.()))
      await server[Symbol.asyncDispose]()
      await streams
    },
  }
}
