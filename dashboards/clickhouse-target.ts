import type { Target } from './panel.ts'

/** The release of the plugin whose format this is; docker-compose.yml installs it. */
const PLUGIN_VERSION = '4.20.0'

export const CLICKHOUSE = {
  type: 'grafana-clickhouse-datasource',
  uid: 'freshet-clickhouse',
  name: 'ClickHouse',
} as const

export interface ClickHouseTarget extends Target {
  readonly rawSql: string
  readonly queryType: 'timeseries' | 'table'
}

/** A query whose column `time` is the x axis; text columns become names of series. */
export function series(sql: string, refId = 'A'): ClickHouseTarget {
  return target('timeseries', sql, refId)
}

/** A query whose rows are shown as they are. */
export function rows(sql: string, refId = 'A'): ClickHouseTarget {
  return target('table', sql, refId)
}

function target(queryType: 'timeseries' | 'table', sql: string, refId: string) {
  return {
    refId,
    datasource: { type: CLICKHOUSE.type, uid: '$datasource' },
    editorType: 'sql',
    pluginVersion: PLUGIN_VERSION,
    queryType,
    // The plugin's codes: 0 is a time series, 1 a table.
    format: queryType === 'timeseries' ? 0 : 1,
    rawSql: dedented(sql),
  }
}

/** Removes the common indentation, so that the query is readable in Grafana. */
function dedented(sql: string): string {
  const lines = sql.trim().split('\n')
  const indents = lines.slice(1).map((line) => line.search(/\S/))
  const shared = Math.min(...indents, Number.MAX_SAFE_INTEGER)
  return [lines[0], ...lines.slice(1).map((line) => line.slice(shared))].join('\n')
}
