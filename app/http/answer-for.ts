import type { EngineName, Engines } from '#app/engines/engines.ts'
import { ALL_ENGINES } from '#app/engines/open-engines.ts'
import type { Role, RoleContext } from '#app/roles/role.ts'
import { type EngineProbe, healthRoutes } from '#serving/http/health-routes.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'

/** Answers for the roles of this process, and says whether it and its engines are well. @throws ConfigError */
export async function answerFor(
  roles: readonly Role[],
  engines: Partial<Engines<EngineName>> & Pick<Engines, 'clock'>,
  { config, logger, metrics }: RoleContext,
): Promise<HttpServer> {
  const probes = ALL_ENGINES.flatMap((name): EngineProbe[] => {
    const engine = name === 'model' ? undefined : engines[name]
    return engine === undefined ? [] : [{ name, ping: () => engine.ping() }]
  })
  const health = healthRoutes({
    engines: [...probes, ...roles.flatMap((role) => role.probes)],
    metrics,
    now: () => engines.clock.now(),
  })
  const { host, port } = config
  const routers = [...roles.flatMap((role) => role.routers), health]
  const server = await startHttpServer({ host, port, routers, logger })
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      for (const role of roles) await role.endStreams?.()
      await server[Symbol.asyncDispose]()
    },
  }
}
