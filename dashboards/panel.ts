/** One query of a panel, as Grafana stores it. */
export interface Target {
  readonly refId: string
  readonly datasource: { readonly type: string; readonly uid: string }
}

/** A panel and its size; its position follows from its row. */
export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description: string
  readonly width: number
  readonly height: number
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly targets: readonly Target[]
  readonly interval?: string
  readonly fieldConfig: object
  readonly options: object
}

/** Grafana's unit for money: all digits, grouped by the reader's locale. The title names the currency. */
export const MONEY_UNIT = 'locale'

/** What the author of a panel specifies. */
export interface PanelSpec {
  /** Unique in its dashboard; links point at it. */
  readonly id: number
  readonly title: string
  readonly description: string
  /** Of Grafana's list of units: `short`, `s`, `percentunit`, `bytes`, `eps` … */
  readonly unit: string
  readonly targets: readonly [Target, ...Target[]]
  /** In 24ths of the page. */
  readonly width: number
  readonly decimals?: number
  /** Green below `warn`, orange from there, red from `act` on. */
  readonly thresholds?: { readonly warn: number; readonly act: number }
  /** Smallest distance between points, as `1m`: the resolution of the data. */
  readonly interval?: string
}

const STAT_HEIGHT = 4
const GRAPH_HEIGHT = 8

export function timeSeries(spec: PanelSpec & { readonly stacked?: boolean }): Panel {
  const stacking = { mode: spec.stacked ? 'normal' : 'none', group: 'A' }
  const custom = {
    drawStyle: 'line',
    lineInterpolation: 'linear',
    lineWidth: 1,
    fillOpacity: spec.stacked ? 40 : 10,
    showPoints: 'never',
    spanNulls: false,
    stacking,
  }
  return panel('timeseries', spec, {
    height: GRAPH_HEIGHT,
    custom,
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  })
}

export function stat(spec: PanelSpec): Panel {
  return panel('stat', spec, {
    height: STAT_HEIGHT,
    options: {
      colorMode: spec.thresholds === undefined ? 'none' : 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    },
  })
}

export function table(spec: PanelSpec): Panel {
  const custom = { align: 'auto', cellOptions: { type: 'auto' } }
  return panel('table', spec, {
    height: GRAPH_HEIGHT + 2,
    custom,
    options: { cellHeight: 'sm', showHeader: true },
  })
}

/** One bar for each row of the answer: the first column names it. */
export function bars(spec: PanelSpec): Panel {
  return panel('bargauge', spec, {
    height: GRAPH_HEIGHT,
    options: {
      displayMode: 'basic',
      orientation: 'horizontal',
      reduceOptions: { calcs: [], fields: '', values: true },
      showUnfilled: true,
    },
  })
}

interface Look {
  readonly height: number
  readonly custom?: object
  readonly options: object
}

function panel(type: string, spec: PanelSpec, { height, custom = {}, options }: Look): Panel {
  const { id, title, description, width, targets, unit, decimals, interval } = spec
  return {
    id,
    type,
    title,
    description,
    width,
    height,
    datasource: targets[0].datasource,
    targets,
    ...(interval !== undefined && { interval }),
    fieldConfig: {
      defaults: {
        unit,
        ...(decimals !== undefined && { decimals }),
        custom,
        thresholds: { mode: 'absolute', steps: steps(spec.thresholds) },
      },
      overrides: [],
    },
    options,
  }
}

function steps(thresholds: PanelSpec['thresholds']): readonly object[] {
  const good = { color: 'green', value: null }
  if (thresholds === undefined) return [good]
  const { warn, act } = thresholds
  return [good, { color: 'orange', value: warn }, { color: 'red', value: act }]
}
