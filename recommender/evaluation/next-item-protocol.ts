import { DatasetError } from '#datasets/dataset-error.ts'
import type { DatasetRow } from '#datasets/dataset-row.ts'
import { toEvent } from '#datasets/to-events.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import type { Contender } from './contender.ts'
import { LIST_LENGTH, RankingMetrics } from './ranking-metrics.ts'

export interface NextItemOptions {
  /** In time order. */
  readonly rows: AsyncIterable<DatasetRow>
  readonly contenders: Readonly<Record<string, Contender>>
  /** Predictions are made from here on, UTC milliseconds. */
  readonly from: number
  /** And before this. */
  readonly to: number
  /** Nothing is learned from `from` on. */
  readonly frozen: boolean
  readonly onRow?: () => void
}

export interface ContenderResult {
  readonly metrics: RankingMetrics
  /** Time spent learning, and the events learned. */
  learnMs: number
  learnedEvents: number
  /** Of each prediction. */
  readonly recommendMs: number[]
}

export interface NextItemResult {
  readonly predictions: number
  /** Distinct items known at the end. */
  readonly itemsKnown: number
  readonly results: ReadonlyMap<string, ContenderResult>
}

/**
 * Protocol P1, prequential next item: every event from `from` on that is not the first of its session is predicted from
 * the session's earlier events, then learned. Predicted is a list of 20 of everything known, without the current item; an
 * event is skipped when its item is unknown so far or is the current one. A purchase is one event for each row.
 * @throws DatasetError when the rows are not in time order
 */
export async function evaluateNextItem(options: NextItemOptions): Promise<NextItemResult> {
  const { from, to, frozen, contenders, onRow } = options
  const results = new Map(Object.keys(contenders).map((name) => [name, newResult()]))
  const known = new Set<string>()
  const histories = new Map<string, string[]>()
  for await (const row of inOrder(options.rows)) {
    if (row.ts >= to) break
    onRow?.()
    const event = toLearnableEvent(row)
    if (event === undefined) continue
    const history = historyOf(histories, row)
    const isTarget =
      row.ts >= from && history.length > 0 && known.has(row.itemId) && history.at(-1) !== row.itemId
    for (const [name, contender] of Object.entries(contenders)) {
      const result = results.get(name)
      if (result === undefined) continue
      if (isTarget) await predict(contender, result, { history, target: row.itemId })
      if (!frozen || row.ts < from) learn(contender, result, event)
    }
    history.push(row.itemId)
    if (!frozen || row.ts < from) known.add(row.itemId)
  }
  const [first] = results.values()
  return { predictions: first?.metrics.predictions ?? 0, itemsKnown: known.size, results }
}

function newResult(): ContenderResult {
  return { metrics: new RankingMetrics(), learnMs: 0, learnedEvents: 0, recommendMs: [] }
}

async function predict(
  contender: Contender,
  { metrics, recommendMs }: ContenderResult,
  { history, target }: { readonly history: readonly string[]; readonly target: string },
): Promise<void> {
  const start = performance.now()
  const list = await contender.recommend(history, LIST_LENGTH)
  recommendMs.push(performance.now() - start)
  metrics.add(list, new Set([target]))
}

function learn(contender: Contender, result: ContenderResult, event: CommerceEvent): void {
  const start = performance.now()
  contender.learn(event)
  result.learnMs += performance.now() - start
  result.learnedEvents++
}

/** Each event id once; a row that goes back in time would let a model see the future. */
async function* inOrder(rows: AsyncIterable<DatasetRow>): AsyncGenerator<DatasetRow> {
  const met = new Set<string>()
  let newest = Number.NEGATIVE_INFINITY
  for await (const row of rows) {
    if (row.ts < newest)
      throw new DatasetError(row.file, row.line, 'ts goes back in time: sort the file by ts')
    newest = row.ts
    if (met.has(row.eventId)) continue
    met.add(row.eventId)
    yield row
  }
}

/** As if ingest had received it at once; prices do not matter here, so no currency is needed. */
function toLearnableEvent(row: DatasetRow): CommerceEvent | undefined {
  const event = toEvent({ ...row, price: null }, { currency: 'XXX' })
  return event === undefined ? undefined : { ...event, received_at: row.ts }
}

function historyOf(histories: Map<string, string[]>, row: DatasetRow): string[] {
  const key = row.sessionId ?? row.userId ?? ''
  let history = histories.get(key)
  if (history === undefined) {
    history = []
    histories.set(key, history)
  }
  return history
}
