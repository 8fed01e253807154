import type { ContenderResult, NextItemResult } from './next-item-protocol.ts'
import type { MetricValues } from './ranking-metrics.ts'

type Metrics = MetricValues & { readonly coverage_at_20: number }

/** What `freshet evaluate --json` prints. */
export interface EvaluationReport {
  readonly protocol: string
  readonly predictions: number
  readonly metrics: Metrics
  readonly baselines: Readonly<Record<string, Metrics>>
  readonly standard_error: MetricValues
  readonly learn_us_per_event: number
  readonly recommend_ms: { readonly p50: number; readonly p99: number }
}

/** `served` names the contender that the report is about; the others are its baselines. */
export function evaluationReport(
  protocol: string,
  { predictions, itemsKnown, results }: NextItemResult,
  served: string,
): EvaluationReport {
  const result = results.get(served)
  if (result === undefined) throw new RangeError(`no contender is called ${served}`)
  const metricsOf = ({ metrics }: ContenderResult): Metrics => ({
    ...rounded(metrics.means()),
    coverage_at_20: round(metrics.itemsShown / itemsKnown),
  })
  const others = [...results].filter(([name]) => name !== served)
  const times = Float64Array.from(result.recommendMs).sort()
  return {
    protocol,
    predictions,
    metrics: metricsOf(result),
    baselines: Object.fromEntries(others.map(([name, other]) => [name, metricsOf(other)])),
    standard_error: rounded(result.metrics.standardErrors()),
    learn_us_per_event: round((result.learnMs * 1000) / result.learnedEvents),
    recommend_ms: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
  }
}

/** The nearest rank of ascending values. */
function quantile(ascending: Float64Array, share: number): number {
  return round(ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0)
}

function rounded(values: MetricValues): MetricValues {
  return {
    hr_at_10: round(values.hr_at_10),
    ndcg_at_10: round(values.ndcg_at_10),
    mrr_at_20: round(values.mrr_at_20),
    recall_at_20: round(values.recall_at_20),
  }
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5
}

const COLUMNS = ['hr_at_10', 'ndcg_at_10', 'mrr_at_20', 'recall_at_20', 'coverage_at_20'] as const

/** The report as a table for people. */
export function inWords(report: EvaluationReport): string {
  const { protocol, predictions, metrics, baselines, standard_error, recommend_ms } = report
  const line = (name: string, values: Partial<Metrics>) =>
    name.padEnd(16) + COLUMNS.map((column) => cell(values[column])).join('')
  return [
    `protocol ${protocol}: ${predictions} predictions`,
    ' '.repeat(16) + COLUMNS.map((column) => column.padStart(16)).join(''),
    line('freshet', metrics),
    line('+/-', standard_error),
    ...Object.entries(baselines).map(([name, values]) => line(name, values)),
    `learning ${report.learn_us_per_event.toFixed(1)} us an event; ` +
      `recommending p50 ${recommend_ms.p50.toFixed(2)} ms, p99 ${recommend_ms.p99.toFixed(2)} ms`,
  ].join('\n')
}

function cell(value: number | undefined): string {
  return (value === undefined ? '' : value.toFixed(4)).padStart(16)
}
