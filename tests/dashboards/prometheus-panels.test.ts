import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { registerReindexMetrics } from '#app/reindex/metrics.ts'
import { ByteBudget } from '#ingest/collector/byte-budget.ts'
import { CollectorMetrics } from '#ingest/collector/collector-metrics.ts'
import { OutboxMetrics } from '#ingest/outbox/outbox-metrics.ts'
import { PipelineMetrics } from '#pipeline/pipeline-metrics.ts'
import { registerServingMetrics } from '#serving/http/serving-metrics.ts'
import { PROMETHEUS } from '../../dashboards/prometheus-target.ts'
import { readText, repositoryFiles } from '../tidy/repository.ts'
import { targetsOf } from './emitted-dashboard.ts'
import { withPromtool } from './promtool.ts'

/** What Prometheus itself adds: the target, and the labels that deploy/prometheus/prometheus.yml gives it. */
const OF_PROMETHEUS = { up: ['job', 'instance', 'service'] }

const known = knownMetrics()
const panels = targetsOf(PROMETHEUS.type).map(({ name, target }) => ({
  name,
  expr: target.expr ?? '',
}))
const alerts = alertRules().map(({ alert, expr }) => ({ name: alert, expr }))

test.each([...panels, ...alerts])('$name asks for metrics that there are', ({ expr }) => {
  expect(strangers(expr)).toEqual([])
})

test('panels and alerts were read', () => {
  expect(panels.length).toBeGreaterThan(15)
  expect(alerts.length).toBeGreaterThan(5)
  expect(known.size).toBeGreaterThan(20)
})

test('every alert has its section in the runbook', () => {
  expect(alertRules().flatMap(runbookViolations)).toEqual([])
})

test.each([
  ['none', undefined],
  ['another page', 'docs/operations/nowhere.md#freshetdown'],
  ['another section', 'docs/operations/alerts.md#freshetbroken'],
  ['the section of another alert', 'docs/operations/alerts.md#freshetstale'],
])('an alert whose runbook is %s is refused', (_, runbook) => {
  const alert = { alert: 'FreshetDown', expr: 'up', annotations: { runbook } }
  expect(runbookViolations(alert)).toHaveLength(1)
})

test.each([
  ['rate(freshet_orders_total[5m])', ['freshet_orders_total']],
  ['sum by (topic) (rate(freshet_ingest_events_total[5m]))', ['topic']],
  ['freshet_ledger_records{status="pending"}', ['status']],
  ['freshet_pipeline_batch_seconds', ['freshet_pipeline_batch_seconds']],
])('%s asks for what is not there', (expr, found) => {
  expect(strangers(expr)).toEqual(found)
})

withPromtool((promtool) => {
  test('every panel is PromQL', () => {
    expect(checkAsRules(panels.map(({ expr }) => expr))).toContain(`${panels.length} rules found`)
    expect(() => checkAsRules(['sum by (a'])).toThrow('parse error')
  })

  test('Prometheus takes its configuration', () => {
    expect(promtool('check', 'config', 'deploy/prometheus/prometheus.yml')).toContain('SUCCESS')
  })

  test('every alert is silent while all is well and fires when it is not', () => {
    expect(promtool('test', 'rules', 'deploy/prometheus/alerts.test.yml')).toContain('SUCCESS')
    const tested = readText('deploy/prometheus/alerts.test.yml')
    for (const { name } of alerts) expect(tested.split(name).length, name).toBeGreaterThan(2)
  })

  function checkAsRules(expressions: readonly string[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-rules-'))
    try {
      const rules = expressions.map((expr, index) => ({
        record: `panel_${index}`,
        expr: expr.replaceAll('$__rate_interval', '1m'),
      }))
      const file = join(folder, 'rules.json')
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
      return promtool('check', 'rules', file)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
})

/** Metrics and labels in an expression that nobody has. */
function strangers(expr: string): readonly string[] {
  const names = [...expr.matchAll(/\b(?:freshet|nodejs|process)_\w+|\bup\b/g)].map(([name]) => name)
  const labels = [
    ...[...expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',')),
    ...[...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, matchers = '']) =>
      matchers.split(',').map((matcher) => matcher.split(/[=!]/)[0] ?? ''),
    ),
  ].map((label) => label.trim())
  const allowed = names.flatMap((name) => known.get(name) ?? [])
  return [
    ...names.filter((name) => !known.has(name)),
    ...labels.filter((label) => names.every((name) => known.has(name)) && !allowed.includes(label)),
  ]
}

/** The names that Prometheus stores for every metric of the program, with their labels. */
function knownMetrics(): ReadonlyMap<string, readonly string[]> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new PipelineMetrics(registry, 'freshet.facts')
  new CollectorMetrics(registry, new ByteBudget(1))
  new OutboxMetrics(registry)
  const ledger = () => Promise.reject(new Error('there is none here'))
  registerReindexMetrics({ metrics: registry, dataFolder: '', nextRun: () => undefined })
  registerServingMetrics({ metrics: registry, ledger, listeners: () => 0 })
  const names = registry.getMetricsAsArray().flatMap(({ name }) => seriesOf(name, registry))
  return new Map([...Object.entries(OF_PROMETHEUS), ...names])
}

function seriesOf(name: string, registry: Registry): (readonly [string, readonly string[]])[] {
  // Its type does not tell, but every metric knows its labels.
  const metric = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] }
  const labels = [...metric.labelNames, ...OF_PROMETHEUS.up]
  if (!('observe' in metric)) return [[name, labels]]
  const bucketed = [...labels, 'le', 'quantile']
  return ['_bucket', '_sum', '_count'].map((suffix) => [name + suffix, bucketed] as const)
}

interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly runbook?: string | undefined }
}

function alertRules(): readonly AlertRule[] {
  const { groups } = parse(readText('deploy/prometheus/alerts.yml')) as {
    groups: readonly { rules: readonly AlertRule[] }[]
  }
  return groups.flatMap(({ rules }) => rules)
}

/** The runbook of an alert is a page and its section of that name. */
function runbookViolations({ alert, annotations: { runbook = '' } }: AlertRule): readonly string[] {
  const [page = '', section] = runbook.split('#')
  const isThere =
    repositoryFiles().includes(page) &&
    section === alert.toLowerCase() &&
    readText(page).includes(`\n## ${alert}\n`)
  return isThere ? [] : [`${alert} has no runbook at ${runbook}`]
}
