import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Config } from './config.ts'
import { checkDataFolder } from './data-folder.ts'
import type { Engines } from './engines/engines.ts'
import { ALL_ENGINES, openEngines } from './engines/open-engines.ts'
import { answerFor, type Watching } from './http/answer-for.ts'
import { prepareEngines } from './prepare-engines.ts'
import { scheduleReindex } from './reindex/schedule.ts'
import { startCollecting } from './roles/collect.ts'
import { type Experiment, startProcessing } from './roles/process.ts'
import { startServing } from './roles/serve.ts'

/** A running Freshet. Disposing drains it: what was accepted is processed or left in the log, state is saved. */
export interface Instance extends AsyncDisposable {
  readonly url: string
  /** Says on /readyz, and with each answer, that clients should go elsewhere. */
  announceStop(): void
  readonly engines: Engines
  /** When the product vectors are made anew; undefined when nothing is scheduled. */
  readonly nextReindex: Date | undefined
  /** Resolves when the recommender has learned what the tables hold; all else is there before. */
  readonly learned: Promise<void>
  /** Rejects when a part of it cannot go on; never resolves. */
  readonly failed: Promise<never>
}

interface InstanceOptions extends Experiment, Watching {
  readonly config: Config
  readonly logger: Logger
}

/**
 * The whole path in one process: HTTP in -> log -> processors -> tables and vectors -> recommendations, trends and the
 * live page out. Resolves when it answers. @throws ConfigError, EngineError with one sentence that says what to do
 */
export async function startInstance({
  config,
  logger,
  watch,
  ...experiment
}: InstanceOptions): Promise<Instance> {
  await using starting = new AsyncDisposableStack()
  await checkDataFolder(config.dataFolder)
  const engines = starting.use(await openEngines(ALL_ENGINES, config, logger))
  const codec = await prepareEngines(engines, config)
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const context = { config, codec, logger, metrics }

  const processing = starting.use(await startProcessing(engines, context, experiment))
  const serving = starting.use(startServing(engines, context))
  const collecting = starting.use(await startCollecting(engines, context))
  const roles = [collecting, processing, serving]
  const server = starting.use(await answerFor(roles, engines, context, watch && { watch }))
  const { reindex: times, dataFolder } = config
  const schedule =
    times && starting.use(scheduleReindex({ times, engines, dataFolder, logger, metrics }))
  const started = starting.move()
  return {
    url: server.url,
    announceStop: () => server.announceStop(),
    engines,
    nextReindex: schedule?.nextRun(),
    learned: serving.learned,
    failed: Promise.race(roles.map(({ failed }) => failed)),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
