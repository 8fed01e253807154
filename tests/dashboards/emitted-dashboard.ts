import { DASHBOARDS, emittedDashboards } from '../../dashboards/emitted.ts'

/** Of a dashboard as Grafana reads it, what the tests look at. */
export interface EmittedDashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly schemaVersion: number
  readonly editable: boolean
  readonly refresh: string
  readonly templating: { readonly list: readonly EmittedVariable[] }
  readonly panels: readonly EmittedPanel[]
}

export interface EmittedVariable {
  readonly name: string
  readonly type: string
  readonly query: string
  readonly current: { readonly value?: string }
}

export interface EmittedPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } }
  readonly targets?: readonly EmittedTarget[]
}

export interface EmittedTarget {
  readonly refId: string
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly rawSql?: string
  readonly queryType?: string
  readonly expr?: string
}

/** Every dashboard, as it is emitted now. */
export const EMITTED: readonly EmittedDashboard[] = emittedDashboards().map(
  ({ text }) => JSON.parse(text) as EmittedDashboard,
)

/** The queries of one kind of data source, each with the name of its panel. */
export function targetsOf(type: string) {
  return EMITTED.flatMap((dashboard) =>
    dashboard.panels.flatMap((panel) =>
      (panel.targets ?? [])
        .filter(({ datasource }) => datasource.type === type)
        .map((target) => ({
          name: `${dashboard.uid} ${panel.id} ${panel.title} ${target.refId}`,
          panel,
          target,
        })),
    ),
  )
}

export const DASHBOARD_COUNT = DASHBOARDS.length
