import type { Target } from './panel.ts'

export const PROMETHEUS = {
  type: 'prometheus',
  uid: 'freshet-prometheus',
  name: 'Prometheus',
} as const

/** A window that holds at least four scrapes. */
export const RATE = '[$__rate_interval]'

export interface PrometheusTarget extends Target {
  readonly expr: string
}

/** A PromQL expression over the range; `legend` names each series with its labels: `{{topic}}`. */
export function expression(expr: string, legend: string, refId = 'A'): PrometheusTarget {
  const datasource = { type: PROMETHEUS.type, uid: '$datasource' }
  const legendOptions = { editorMode: 'code', range: true, legendFormat: legend }
  return { refId, datasource, expr, ...legendOptions }
}

/** The 50th, 95th and 99th percentile of a histogram, over all its labels. */
export function percentiles(histogram: string): [PrometheusTarget, ...PrometheusTarget[]] {
  const at = (quantile: number, refId: string) =>
    expression(
      `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket[$__rate_interval])))`,
      `p${quantile * 100}`,
      refId,
    )
  return [at(0.5, 'A'), at(0.95, 'B'), at(0.99, 'C')]
}
