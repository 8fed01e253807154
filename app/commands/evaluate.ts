import { Command, InvalidArgumentError } from 'commander'
import { progressBar } from '#app/progress-bar.ts'
import { DatasetError } from '#datasets/dataset-error.ts'
import type { DatasetRow } from '#datasets/dataset-row.ts'
import { readDatasetCatalogue } from '#datasets/read-dataset-catalogue.ts'
import { readDatasetEvents } from '#datasets/read-dataset-events.ts'
import { toProductEvents } from '#datasets/to-product-events.ts'
import {
  type Contender,
  servedAlone,
  servedRecommender,
} from '#recommender/evaluation/contender.ts'
import {
  type EvaluationReport,
  evaluationReport,
  inWords,
} from '#recommender/evaluation/evaluation-report.ts'
import { evaluateNextItem } from '#recommender/evaluation/next-item-protocol.ts'
import { popularityBaseline } from '#recommender/evaluation/popularity-baseline.ts'
import { flag, option } from './options.ts'

interface EvaluateOptions {
  readonly protocol: 'P1'
  readonly events: readonly string[]
  readonly catalogue?: string
  readonly from: number
  readonly to?: number
  readonly frozen: boolean
  readonly json: boolean
}

const SERVED = 'freshet'

/** Where protocol P1 begins to predict on the data set that it was made for. */
const P1_FROM = '2021-02-15T00:00:00.000Z'

/** `freshet evaluate`: how good the lists are, by replaying a data set through the code that serves. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure the recommendations on a data set, through the code that serves')
    .addOption(
      option('--protocol <NAME>', 'P1: predict each next item, then learn it', 'FRESHET_PROTOCOL')
        .choices(['P1'])
        .makeOptionMandatory(),
    )
    .addOption(
      option(
        '--events <FILE>',
        'events: .csv or .csv.gz, in time order; several are read as one',
        'FRESHET_EVENTS',
      )
        .argParser((file: string, files: readonly string[] | undefined) => [...(files ?? []), file])
        .makeOptionMandatory(),
    )
    .addOption(option('--catalogue <FILE>', 'products, learned first', 'FRESHET_CATALOGUE'))
    .addOption(
      option('--from <TIME>', 'predict from here on (ISO 8601, UTC)', 'FRESHET_FROM')
        .argParser(time)
        .default(Date.parse(P1_FROM), P1_FROM),
    )
    .addOption(option('--to <TIME>', 'and end before this', 'FRESHET_TO').argParser(time))
    .addOption(flag('--frozen', 'learn nothing from --from on', 'FRESHET_FROZEN'))
    .addOption(flag('--json', 'print the report as JSON', 'FRESHET_JSON'))
    .action(runEvaluate)
}

async function runEvaluate(options: EvaluateOptions, command: Command): Promise<void> {
  const { from, to } = options
  if (to !== undefined && to <= from)
    command.error('error: --to must be later than --from', { exitCode: 2 })
  try {
    const report = await evaluate(options)
    process.stdout.write(`${options.json ? JSON.stringify(report) : inWords(report)}\n`)
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error
    process.stderr.write(`freshet evaluate: ${error.message}\n`)
    process.exitCode = 1
  }
}

async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const { protocol, events, catalogue, from, frozen } = options
  const contenders: Record<string, Contender> = {
    [SERVED]: servedRecommender(),
    popularity: popularityBaseline(),
    session_knn: servedAlone('session'),
  }
  if (catalogue !== undefined) await learnCatalogue(catalogue, Object.values(contenders))
  using bar = progressBar('evaluate', await rowsOf(events))
  let done = 0
  const result = await evaluateNextItem({
    rows: readDatasetEvents(events),
    contenders,
    from,
    to: options.to ?? Number.POSITIVE_INFINITY,
    frozen,
    onRow: () => bar.update(++done),
  })
  if (result.predictions > 0) return evaluationReport(protocol, result, SERVED)
  const time = new Date(from).toISOString()
  throw new DatasetError(
    events.join(', '),
    0,
    `no event could be predicted from ${time} on: name another time with --from`,
  )
}

async function learnCatalogue(file: string, contenders: readonly Contender[]): Promise<void> {
  // Prices are of no interest here, so no currency has to fit them.
  const products = withoutPrice(readDatasetCatalogue(file))
  for await (const event of toProductEvents(products, { currency: 'XXX', eventTime: 0 }))
    for (const contender of contenders) contender.learn({ ...event, received_at: 0 })
}

async function* withoutPrice<T>(products: AsyncIterable<T>) {
  for await (const product of products) yield { ...product, price: null }
}

/** Counted only for somebody who watches a progress bar. */
async function rowsOf(files: readonly string[]): Promise<number> {
  if (!process.stderr.isTTY) return 0
  let rows = 0
  for await (const _ of readDatasetEvents(files) satisfies AsyncIterable<DatasetRow>) rows++
  return rows
}

function time(text: string): number {
  const value = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a date or a time with a zone: 2021-02-01T00:00:00Z.')
}
