import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { type Config, ConfigError, loadConfig } from '#app/config.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { holdDataFolder } from '#app/hold-data-folder.ts'
import { phaseBars } from '#app/phase-bars.ts'
import {
  lastRunInWords,
  type RecordOptions,
  readLastRun,
  recordRun,
} from '#app/reindex/last-run.ts'
import { pruneAfter } from '#app/reindex/prune-after.ts'
import { nextRuns } from '#app/reindex/schedule.ts'
import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import { planReindex, type ReindexPlan } from '#items/reindex/plan.ts'
import { prune } from '#items/reindex/prune.ts'
import { type ReindexOptions, type ReindexReport, reindex } from '#items/reindex/reindex.ts'
import { catchUp, rollBack } from '#items/reindex/rollback.ts'
import { dataOption, flag } from './options.ts'
import { processLogger, stopSignal } from './run-until-stopped.ts'

interface ReindexCommandOptions {
  readonly data: string
  readonly dryRun: boolean
  readonly catchUp: boolean
  readonly rollback: boolean
  readonly prune: boolean
  readonly thenPrune: boolean
  readonly schedule: boolean
  readonly json: boolean
}

/** How many of the next runs are shown. */
const RUNS_SHOWN = 3

export const REINDEX_ENGINES = ['tables', 'vectors', 'cache', 'model'] as const

/** What was done, for programs and for people. */
interface Result {
  readonly json: object
  readonly words: string
  readonly failed?: boolean
}

/** `freshet reindex`: the text vectors of all products anew, for another model or for this one. */
export function reindexCommand(): Command {
  return new Command('reindex')
    .description(
      'embed all products into a new collection with the model that EMBEDDING_MODEL names, verify it, and serve it; run again after an interruption, it goes on',
    )
    .addOption(dataOption('the folder of a process that is stopped, where engines are embedded'))
    .addOption(
      flag('--dry-run', 'say what would be done, and how long it takes', 'FRESHET_DRY_RUN'),
    )
    .addOption(
      flag('--catch-up', 'bring what is served up to date in place', 'FRESHET_CATCH_UP').conflicts([
        'dryRun',
      ]),
    )
    .addOption(
      flag('--rollback', 'serve again what was served before', 'FRESHET_ROLLBACK').conflicts([
        'dryRun',
        'catchUp',
      ]),
    )
    .addOption(
      flag(
        '--prune',
        'delete older collections, but for the one before the served one',
        'FRESHET_PRUNE',
      ).conflicts(['dryRun', 'catchUp', 'rollback']),
    )
    .addOption(
      flag(
        '--then-prune',
        'when it is served, delete older collections as --prune does',
        'FRESHET_THEN_PRUNE',
      ).conflicts(['dryRun', 'catchUp', 'rollback', 'prune']),
    )
    .addOption(
      flag(
        '--schedule',
        'show when `freshet start` with these settings does it by itself',
        'FRESHET_SCHEDULE',
      ).conflicts(['dryRun', 'catchUp', 'rollback', 'prune', 'thenPrune']),
    )
    .addOption(flag('--json', 'print the result as JSON on standard output', 'FRESHET_JSON'))
    .action(runReindex)
}

async function runReindex(options: ReindexCommandOptions): Promise<void> {
  const config = loadConfig({ data: options.data })
  if (options.schedule) return tell(await scheduled(config), options)
  const signal = stopSignal()
  const logger = processLogger(config)
  checkThere(config)
  using _ = holdDataFolder(
    config,
    'stop it first: a folder belongs to one process. Where engines are servers, nothing has to stop',
  )
  await using engines = await openEngines(REINDEX_ENGINES, config, logger)
  using bars = phaseBars()
  const onProgress = bars.update
  try {
    const record = { dataFolder: config.dataFolder, clock: engines.clock, signal }
    const reindexOptions = { engines, logger, onProgress, signal }
    const result = await resultOf(options, reindexOptions, record)
    bars[Symbol.dispose]()
    tell(result, options)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new ConfigError('stopped; readers have what they had. Run it again: it goes on from here')
  }
}

function tell({ json, words, failed }: Result, options: ReindexCommandOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(json)}\n`)
  process.stderr.write(`${words}\n`)
  if (failed) process.exitCode = 1
}

/** When it is done by itself, and what it came to last. */
async function scheduled({ reindex: times, dataFolder }: Config): Promise<Result> {
  const last = await readLastRun(dataFolder)
  const runs = times === undefined ? [] : nextRuns(times, RUNS_SHOWN).map((at) => at.toISOString())
  const due =
    times === undefined
      ? 'nothing is scheduled: REINDEX_SCHEDULE is not set'
      : `\`freshet start\` reindexes at ${times.expression} (${times.timezone}): next at ${runs.join(', ')}`
  const told = last === undefined ? `none that ${dataFolder} knows of` : lastRunInWords(last)
  const words = `${due}\nthe last run: ${told}`
  const { expression: schedule, timezone } = times ?? { expression: null, timezone: null }
  return { json: { schedule, timezone, next_runs: runs, last_run: last ?? null }, words }
}

async function resultOf(
  options: ReindexCommandOptions,
  reindexOptions: ReindexOptions,
  record: Omit<RecordOptions, 'onUnwritten'>,
): Promise<Result> {
  const { vectors } = reindexOptions.engines
  if (options.dryRun) {
    const plan = await planReindex(reindexOptions)
    return { json: plan, words: planInWords(plan) }
  }
  if (options.prune) {
    const deleted = await prune(vectors)
    return { json: { deleted }, words: `deleted ${deleted.join(', ') || 'nothing'}` }
  }
  if (options.rollback) {
    const report = await rollBack(reindexOptions)
    const isStale = report.refreshed === null
    const advice = isStale
      ? '. It is of another model: start the processors with that model in EMBEDDING_MODEL, then `freshet reindex --catch-up`'
      : ''
    return { json: report, words: `serving ${report.collection} again${advice}` }
  }
  if (options.catchUp) {
    const report = await catchUp(reindexOptions)
    const { collection, embedded, reused, removed } = report
    return {
      json: report,
      words: `${collection} is up to date: ${embedded} embedded, ${reused} with another price or shelf, ${removed} removed`,
    }
  }
  // With servers for all engines there may be no folder: then nothing is recorded.
  const recordOptions = { ...record, onUnwritten: () => undefined }
  const report = await recordRun(recordOptions, () => reindex(reindexOptions))
  const failed = !report.swapped
  if (!options.thenPrune) return { json: report, words: reportInWords(report), failed }
  const deleted = await pruneAfter(report, vectors, reindexOptions.logger)
  const words = `${reportInWords(report)}\ndeleted ${deleted.join(', ') || 'nothing'}`
  return { json: { ...report, deleted }, words, failed }
}

function planInWords(plan: ReindexPlan): string {
  const { collection, served, resumes, products, to_embed, texts_per_second } = plan
  return [
    `would ${resumes ? 'go on filling' : 'fill'} ${collection}; ${served ?? 'nothing'} is served`,
    `${products} products, ${to_embed} of them to embed: about ${plan.estimated_seconds} s at ${texts_per_second} texts a second (measured on ${plan.measured_texts})`,
  ].join('\n')
}

function reportInWords(report: ReindexReport): string {
  const { collection, products, embedded, seconds, products_per_second, behind } = report
  const { recall_at_10, failures } = report.verification
  const lines = [
    `${report.resumed ? 'went on with' : 'filled'} ${collection}: ${products} products, ${embedded} embedded, in ${seconds} s (${products_per_second} products a second)`,
    failures.length === 0
      ? `verified: recall@10 ${recall_at_10.toFixed(3)}; readers have it now. \`freshet reindex --rollback\` undoes it`
      : `not served, because ${failures.join('; ')}. Readers have what they had`,
  ]
  if (behind > 0) {
    lines.push(
      `${behind} products kept changing and are not written here by the processors: start those with this EMBEDDING_MODEL, then \`freshet reindex --catch-up\``,
    )
  }
  return lines.join('\n')
}

function checkThere({ urls, dataFolder }: Config): void {
  if (!isEmbedded(urls.tables) || existsSync(folderOf(urls.tables))) return
  throw new ConfigError(
    `there are no tables in ${dataFolder}; name the folder that was given to start with --data`,
  )
}
