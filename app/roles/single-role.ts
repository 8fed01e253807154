import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { type Config, ConfigError } from '#app/config.ts'
import { checkDataFolder } from '#app/data-folder.ts'
import type { EngineName, Engines } from '#app/engines/engines.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { answerFor } from '#app/http/answer-for.ts'
import { assertPrepared } from '#app/prepare-engines.ts'
import { isEmbedded } from '#engines/embedded-url.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { retryForever } from '#pipeline/retry.ts'
import { COLLECT_ENGINES, startCollecting } from './collect.ts'
import { PROCESS_ENGINES, startProcessing } from './process.ts'
import type { Role, RoleContext } from './role.ts'
import { SERVE_ENGINES, startServing } from './serve.ts'

/** A process that does one job of several. Disposing drains it. */
export interface RoleProcess extends AsyncDisposable {
  readonly url: string
  /** Says on /readyz, and with each answer, that clients should go elsewhere. */
  announceStop(): void
  readonly failed: Promise<never>
}

interface RoleOptions {
  readonly config: Config
  readonly logger: Logger
}

/** `freshet ingest`: takes events. */
export function startIngestProcess(options: RoleOptions): Promise<RoleProcess> {
  return startRole(COLLECT_ENGINES, startCollecting, options)
}

/** `freshet process`: stores and counts them. */
export function startProcessingProcess(options: RoleOptions): Promise<RoleProcess> {
  return startRole(PROCESS_ENGINES, startProcessing, options)
}

/** `freshet serve`: answers. */
export function startServingProcess(options: RoleOptions): Promise<RoleProcess> {
  return startRole(SERVE_ENGINES, startServing, options)
}

/** Every role needs its schemas, and the cache in which the requests of its clients are counted. */
type Needed = 'registry' | 'cache'

/** Waits for the engines as long as it takes. @throws ConfigError when they are not prepared, or not to be shared */
async function startRole<K extends EngineName>(
  names: readonly (K | Needed)[],
  start: (engines: Engines<K | Needed>, context: RoleContext) => Role | Promise<Role>,
  { config, logger }: RoleOptions,
): Promise<RoleProcess> {
  assertShared(names, config)
  await using starting = new AsyncDisposableStack()
  // A role whose cache is a server keeps no state here.
  if (isEmbedded(config.urls.cache)) await checkDataFolder(config.dataFolder)
  const engines = starting.use(await openEngines(names, config, logger))
  const { registry }: Engines<'registry'> = engines
  const codec = await retryForever('registry', logger)(() => EventCodec.open(registry))
  await retryForever('log and tables', logger)(() => assertPrepared(engines))
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const context = { config, codec, logger, metrics }
  const role = starting.use(await start(engines, context))
  const server = starting.use(await answerFor([role], engines, context))
  const started = starting.move()
  return {
    url: server.url,
    announceStop: () => server.announceStop(),
    failed: role.failed,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** What several processes use must be a server: an embedded engine belongs to one. */
function assertShared(names: readonly EngineName[], { urls }: Config): void {
  for (const name of names) {
    if (name === 'model' || name === 'cache' || !isEmbedded(urls[name])) continue
    throw new ConfigError(
      `${name.toUpperCase()}_URL is embedded, and that belongs to one process: give the URL of a server, or run everything in one with \`freshet start\``,
    )
  }
}
