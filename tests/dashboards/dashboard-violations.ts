import type { EmittedDashboard, EmittedPanel } from './emitted-dashboard.ts'

/** Ids of Grafana's units that our panels use; a misspelt one is shown as text behind the number. */
const UNITS = ['short', 'locale', 's', 'percentunit', 'bytes', 'eps', 'ops']
const GRID_COLUMNS = 24

/** What is wrong with a dashboard, one sentence each: the rules of grafana/dashboard-linter that apply, and the grid's. */
export function dashboardViolations(dashboard: EmittedDashboard): readonly string[] {
  const { panels, templating } = dashboard
  const [first] = templating.list
  const text = JSON.stringify(dashboard)
  return [
    ...(dashboard.schemaVersion === 42 ? [] : ['its schema version is not 42']),
    ...(dashboard.editable ? ['it can be edited, and the next deployment would undo that'] : []),
    ...(Number.parseInt(dashboard.refresh, 10) >= 5
      ? []
      : ['it refreshes faster than Grafana allows']),
    ...(first?.name === 'datasource' && first.type === 'datasource'
      ? []
      : ['its data source cannot be chosen']),
    ...repeated(panels.map(({ id }) => `the panel id ${id}`)),
    ...templating.list
      .filter(({ name }) => !new RegExp(`\\$\\{?${name}\\b`).test(text))
      .map(({ name }) => `nothing uses the variable ${name}`),
    ...undeclared(
      text,
      templating.list.map(({ name }) => name),
    ),
    ...panels.flatMap((panel) => panelViolations(panel)),
    ...overlaps(panels),
  ]
}

function panelViolations(panel: EmittedPanel): readonly string[] {
  const { title, description, gridPos, targets = [], fieldConfig, datasource } = panel
  const violations: string[] = []
  if (title === '') violations.push(`panel ${panel.id} has no title`)
  if (gridPos.x + gridPos.w > GRID_COLUMNS) violations.push(`${title} is wider than the page`)
  if (panel.type === 'row') return violations
  if (!description) violations.push(`${title} has no description`)
  if (targets.length === 0) violations.push(`${title} asks nothing`)
  const unit = fieldConfig?.defaults.unit ?? ''
  if (!UNITS.includes(unit)) violations.push(`${title} has the unknown unit "${unit}"`)
  const sources = [datasource, ...targets.map((target) => target.datasource)]
  if (sources.some((source) => source?.uid !== '$datasource')) {
    violations.push(`${title} has its data source built in`)
  }
  violations.push(...repeated(targets.map(({ refId }) => `${title}: the query ${refId}`)))
  return violations
}

function undeclared(text: string, declared: readonly string[]): readonly string[] {
  const used = [...text.matchAll(/\$(?!__)\{?([a-z]\w*)/gi)].map(([, name = '']) => name)
  return [...new Set(used)]
    .filter((name) => !declared.includes(name))
    .map((name) => `the variable ${name} is not declared`)
}

function overlaps(panels: readonly EmittedPanel[]): readonly string[] {
  return panels.flatMap((one, index) =>
    panels
      .slice(index + 1)
      .filter((other) => meet(one.gridPos, other.gridPos))
      .map((other) => `${one.title} lies on ${other.title}`),
  )
}

type Place = EmittedPanel['gridPos']

function meet(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

function repeated(things: readonly string[]): readonly string[] {
  return [...new Set(things.filter((thing, index) => things.indexOf(thing) !== index))].map(
    (thing) => `${thing} is there twice`,
  )
}
