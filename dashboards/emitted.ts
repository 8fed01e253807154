import { join } from 'node:path'
import { dashboardJson } from './dashboard.ts'
import { PIPELINE } from './pipeline/pipeline.ts'
import { TRENDS } from './trends/trends.ts'

export const DASHBOARDS = [TRENDS, PIPELINE] as const

/** The JSON file of each dashboard: path and text. */
export function emittedDashboards(): readonly { readonly file: string; readonly text: string }[] {
  return DASHBOARDS.map((spec) => ({
    file: join(import.meta.dirname, 'json', `${spec.uid.replace('freshet-', '')}.json`),
    text: `${JSON.stringify(dashboardJson(spec), null, 2)}\n`,
  }))
}
