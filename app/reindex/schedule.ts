import { createTask } from 'node-cron'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type ReindexOptions, reindex } from '#items/reindex/reindex.ts'
import { ReindexUnderWay } from '#items/reindex/run-lock.ts'
import { recordRun } from './last-run.ts'
import { registerReindexMetrics } from './metrics.ts'
import { pruneAfter } from './prune-after.ts'

/** When to reindex: a cron expression of five fields, or six with seconds first, in a time zone. */
export interface ReindexTimes {
  readonly expression: string
  readonly timezone: string
}

/** Reindexing at its times. Disposing aborts a run that is under way; the next one continues it. */
export interface ReindexSchedule extends AsyncDisposable {
  /** When the next run is due. */
  nextRun(): Date | undefined
  /** Does a run now. Resolves when it has ended, however it did: a failure is logged and recorded. */
  run(): Promise<void>
}

interface ReindexScheduleOptions {
  readonly times: ReindexTimes
  readonly engines: ReindexOptions['engines']
  /** Where the outcome of a run is recorded. */
  readonly dataFolder: string
  readonly logger: Logger
  readonly metrics: Registry
}

/**
 * Reindexes whenever the time has come, one run at a time: node-cron starts none while its last is at work, and the run
 * lock keeps out those of other processes that share the cache.
 */
export function scheduleReindex(options: ReindexScheduleOptions): ReindexSchedule {
  const { times, dataFolder, logger, metrics } = options
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const run = () => {
    running = runOnce(options, stopping.signal)
    return running
  }
  const task = createTask(times.expression, run, {
    timezone: times.timezone,
    name: 'reindex',
    noOverlap: true,
    logger: loggerOfCron(logger),
  })
  const nextRun = () => nextRuns(times, 1)[0]
  registerReindexMetrics({ metrics, dataFolder, nextRun })
  void task.start()
  return {
    nextRun,
    run: () => task.execute(),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await task.destroy()
      await running
    },
  }
}

/** The next times, soonest first. */
export function nextRuns({ expression, timezone }: ReindexTimes, count: number): readonly Date[] {
  return createTask(expression, () => undefined, { timezone }).getNextRuns(count)
}

async function runOnce(
  { engines, dataFolder, logger }: ReindexScheduleOptions,
  signal: AbortSignal,
): Promise<void> {
  const onUnwritten = (error: unknown) => logger.warn({ err: error }, 'the run is not recorded')
  const recordOptions = { dataFolder, clock: engines.clock, signal, onUnwritten }
  try {
    const report = await recordRun(recordOptions, () => reindex({ engines, logger, signal }))
    const { failures } = report.verification
    await pruneAfter(report, engines.vectors, logger)
    if (report.swapped) logger.info({ report }, 'reindexed; readers have it now')
    else logger.error({ failures }, 'reindexed, and not served: readers have what they had')
  } catch (error) {
    if (signal.aborted) logger.info('the reindex was stopped; the next one goes on with it')
    else if (error instanceof ReindexUnderWay) logger.warn(error.message)
    else logger.error({ err: error }, 'the reindex failed; readers have what they had')
  }
}

function loggerOfCron(logger: Logger) {
  return {
    info: (message: string) => logger.info(message),
    warn: (message: string) => logger.warn(message),
    error: (message: string | Error) => logger.error(message),
    debug: (message: string | Error) => logger.debug(message),
  }
}
