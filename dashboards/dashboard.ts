import type { Panel } from './panel.ts'

/** A variable at the top of a dashboard, with the options that a query returns. */
export interface QueryVariable {
  readonly name: string
  readonly label: string
  readonly sql: string
}

export interface DashboardSpec {
  /** Part of every link to the dashboard: must not change. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  /** The type of its data source, and the default one. */
  readonly datasource: { readonly type: string; readonly uid: string; readonly name: string }
  readonly variables: readonly QueryVariable[]
  /** Default range: `now-6h` and the like, until now. */
  readonly from: string
  readonly rows: readonly Row[]
}

/** Panels below a heading, from left to right, wrapping at the width of the grid. */
export interface Row {
  readonly id: number
  readonly title: string
  readonly panels: readonly Panel[]
}

const GRID_COLUMNS = 24
/** Grafana refuses to refresh more often than 5 s unless told otherwise. */
const REFRESH = '5s'

/** The JSON that Grafana 11.6 to 13 provisions from a file: its classic model, schema version 42. */
export function dashboardJson(spec: DashboardSpec): object {
  return {
    uid: spec.uid,
    title: spec.title,
    description: spec.description,
    tags: spec.tags,
    schemaVersion: 42,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: REFRESH,
    time: { from: spec.from, to: 'now' },
    timezone: 'browser',
    timepicker: {},
    annotations: { list: [] },
    links: [],
    templating: { list: [datasourceVariable(spec), ...spec.variables.map(queryVariable)] },
    panels: placed(spec.rows).map(({ panel, ...gridPos }) => ({ ...panel, gridPos })),
  }
}

function datasourceVariable({ datasource }: DashboardSpec): object {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: datasource.type,
    current: { text: datasource.name, value: datasource.uid, selected: false },
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
  }
}

function queryVariable({ name, label, sql }: QueryVariable): object {
  return {
    name,
    label,
    type: 'query',
    datasource: { type: 'grafana-clickhouse-datasource', uid: '$datasource' },
    definition: sql,
    query: sql,
    current: {},
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    // 2: reload the options when the time range changes.
    refresh: 2,
    regex: '',
    sort: 1,
  }
}

interface Placed {
  readonly panel: object
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

function placed(rows: readonly Row[]): readonly Placed[] {
  const result: Placed[] = []
  let y = 0
  for (const { id, title, panels } of rows) {
    const heading = { id, type: 'row', title, collapsed: false, panels: [] }
    result.push({ panel: heading, x: 0, y, w: GRID_COLUMNS, h: 1 })
    y += 1
    let x = 0
    let tallest = 0
    for (const { width: w, height: h, ...panel } of panels) {
      if (x + w > GRID_COLUMNS) {
        x = 0
        y += tallest
        tallest = 0
      }
      result.push({ panel, x, y, w, h })
      x += w
      tallest = Math.max(tallest, h)
    }
    y += tallest
  }
  return result
}
