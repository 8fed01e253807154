/** What Grafana knows when it runs a query. */
export interface QueryContext {
  /** Seconds since 1970. */
  readonly from: number
  readonly to: number
  readonly intervalSeconds: number
  readonly variables: Readonly<Record<string, string>>
}

/**
 * The SQL that Grafana's ClickHouse data source 4.20 sends for the SQL of a panel: the variables as they are, then the
 * macros as its pkg/macros defines them, as far as our dashboards use them. @throws Error on any other
 */
export function expandMacros(sql: string, { from, to, intervalSeconds, variables }: QueryContext) {
  const expanded = sql
    .replaceAll(/\$(?!__)\{?(\w+)\}?/g, (written, name: string) => variables[name] ?? written)
    .replaceAll(
      /\$__timeFilter\(([^()]*)\)/g,
      (_, column) => `${column} >= toDateTime(${from}) AND ${column} <= toDateTime(${to})`,
    )
    .replaceAll(
      /\$__timeInterval\(([^()]*)\)/g,
      (_, column) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds} second)`,
    )
    .replaceAll(/\$__interval_s\b/g, String(intervalSeconds))
    .replaceAll(/\$__fromTime\b/g, `toDateTime(${from})`)
    .replaceAll(/\$__toTime\b/g, `toDateTime(${to})`)
  const unknown = /\$\w+/.exec(expanded)
  if (unknown !== null) throw new Error(`nothing expands ${unknown[0]}`)
  return expanded
}
