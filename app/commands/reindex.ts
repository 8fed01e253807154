import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type Config, ConfigError, loadConfig } from '#app/config.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { holdDataFolder } from '#app/hold-data-folder.ts'
import { phaseBars } from '#app/phase-bars.ts'
import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import { planReindex, type ReindexPlan } from '#items/reindex/plan.ts'
import { prune } from '#items/reindex/prune.ts'
import { type ReindexOptions, type ReindexReport, reindex } from '#items/reindex/reindex.ts'
import { catchUp, rollBack } from '#items/reindex/rollback.ts'
import { processLogger, stopSignal } from './run-until-stopped.ts'

interface ReindexCommandOptions {
  readonly data: string
  readonly dryRun: boolean
  readonly catchUp: boolean
  readonly rollback: boolean
  readonly prune: boolean
  readonly json: boolean
}

const REINDEX_ENGINES = ['tables', 'vectors', 'cache', 'model'] as const

/** What was done, for programs and for people. */
interface Result {
  readonly json: object
  readonly words: string
  readonly failed?: boolean
}

/** `freshet reindex`: the text vectors of all products anew, for another model or for this one. */
export function reindexCommand(): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env)
  const action = (flag: string, description: string, env: string) =>
    option(flag, description, env).default(false)
  return new Command('reindex')
    .description(
      'embed all products into a new collection with the model that EMBEDDING_MODEL names, verify it, and serve it; run again after an interruption, it goes on',
    )
    .addOption(
      option(
        '--data <DIR>',
        'the folder of a process that is stopped, where engines are embedded',
        'FRESHET_DATA',
      ).default('./data'),
    )
    .addOption(
      action('--dry-run', 'say what would be done, and how long it takes', 'FRESHET_DRY_RUN'),
    )
    .addOption(
      action(
        '--catch-up',
        'bring what is served up to date in place',
        'FRESHET_CATCH_UP',
      ).conflicts(['dryRun']),
    )
    .addOption(
      action('--rollback', 'serve again what was served before', 'FRESHET_ROLLBACK').conflicts([
        'dryRun',
        'catchUp',
      ]),
    )
    .addOption(
      action(
        '--prune',
        'delete older collections, but for the one before the served one',
        'FRESHET_PRUNE',
      ).conflicts(['dryRun', 'catchUp', 'rollback']),
    )
    .addOption(action('--json', 'print the result as JSON on standard output', 'FRESHET_JSON'))
    .action(runReindex)
}

async function runReindex(options: ReindexCommandOptions): Promise<void> {
  const config = loadConfig({ host: '', port: 0, data: options.data })
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
    const result = await resultOf(options, { engines, logger, onProgress, signal })
    bars[Symbol.dispose]()
    if (options.json) process.stdout.write(`${JSON.stringify(result.json)}\n`)
    process.stderr.write(`${result.words}\n`)
    if (result.failed) process.exitCode = 1
  } catch (error) {
    if (!signal.aborted) throw error
    throw new ConfigError('stopped; readers have what they had. Run it again: it goes on from here')
  }
}

async function resultOf(
  options: ReindexCommandOptions,
  reindexOptions: ReindexOptions,
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
  const report = await reindex(reindexOptions)
  return { json: report, words: reportInWords(report), failed: !report.swapped }
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
