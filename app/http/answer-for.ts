import type { RequestHandler } from 'express'
import type { EngineName, Engines } from '#app/engines/engines.ts'
import { ALL_ENGINES } from '#app/engines/open-engines.ts'
import type { Role, RoleContext } from '#app/roles/role.ts'
import { type EngineProbe, healthEndpoints } from '#serving/http/health-routes.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { rateLimit } from './rate-limit.ts'

/** For tests. */
export interface Watching {
  /** Asked before all else. */
  readonly watch?: RequestHandler
}

/** Without a cache answers are slower; without a registry the schemas that are known go on being read and written. */
const DISPENSABLE: ReadonlySet<string> = new Set(['cache', 'registry'])

/** Answers for the roles of this process, and says whether it and its engines are well. @throws ConfigError */
export async function answerFor(
  roles: readonly Role[],
  engines: Partial<Engines<EngineName>> & Pick<Engines, 'clock' | 'cache'>,
  { config, logger, metrics }: RoleContext,
  watching: Watching = {},
): Promise<HttpServer> {
  const probes = ALL_ENGINES.flatMap((name): EngineProbe[] => {
    const engine = name === 'model' ? undefined : engines[name]
    const isOptional = DISPENSABLE.has(name)
    return engine === undefined ? [] : [{ name, isOptional, ping: () => engine.ping() }]
  })
  const health = healthEndpoints({
    engines: [...probes, ...roles.flatMap((role) => role.probes)],
    metrics,
    now: () => engines.clock.now(),
  })
  const { host, port } = config
  const limit = rateLimit({ ...config.rateLimit, ...engines, logger })
  const endpoints = [...roles.flatMap((role) => role.endpoints), ...health]
  const server = await startHttpServer({ host, port, endpoints, limit, logger, ...watching })
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      for (const role of roles) await role.endStreams?.()
      await server[Symbol.asyncDispose]()
    },
  }
}
