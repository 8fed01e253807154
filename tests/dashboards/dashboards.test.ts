import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { emittedDashboards } from '../../dashboards/emitted.ts'
import { readText } from '../tidy/repository.ts'
import { dashboardViolations } from './dashboard-violations.ts'
import { DASHBOARD_COUNT, EMITTED, type EmittedDashboard } from './emitted-dashboard.ts'

test('the dashboards that are committed are those that the code emits', () => {
  for (const { file, text } of emittedDashboards()) {
    expect(readFileSync(file, 'utf8'), 'run: node dashboards/emit.ts').toBe(text)
  }
  expect(DASHBOARD_COUNT).toBe(2)
})

test('the dashboards keep the rules', () => {
  for (const dashboard of EMITTED) expect(dashboardViolations(dashboard)).toEqual([])
  expect(new Set(EMITTED.map(({ uid }) => uid)).size).toBe(DASHBOARD_COUNT)
})

test('the data sources that dashboards start with are provisioned, of that type', () => {
  const { datasources } = parse(readText('deploy/grafana/datasources.yml')) as {
    datasources: readonly { readonly uid: string; readonly type: string }[]
  }
  const provisioned = datasources.map(({ uid, type }) => `${uid} ${type}`)
  for (const { templating } of EMITTED) {
    const [{ current, query } = { current: {}, query: '' }] = templating.list
    expect(provisioned).toContain(`${current.value} ${query}`)
  }
})

test.each<[string, (dashboard: Mutable) => void, string]>([
  [
    'another schema',
    (d) => Object.assign(d, { schemaVersion: 39 }),
    'its schema version is not 42',
  ],
  [
    'edits',
    (d) => Object.assign(d, { editable: true }),
    'it can be edited, and the next deployment would undo that',
  ],
  [
    'a refresh every second',
    (d) => Object.assign(d, { refresh: '1s' }),
    'it refreshes faster than Grafana allows',
  ],
  [
    'a data source that is not a choice',
    (d) => Object.assign(d.templating.list[0] ?? {}, { type: 'query' }),
    'its data source cannot be chosen',
  ],
  [
    'two panels of one id',
    (d) => Object.assign(d.panels[2] ?? {}, { id: 2 }),
    'the panel id 2 is there twice',
  ],
  [
    'an idle variable',
    (d) => d.templating.list.push({ name: 'region', type: 'query', query: '', current: {} }),
    'nothing uses the variable region',
  ],
  [
    'a variable that is nowhere',
    (d) => Object.assign(d.panels[1] ?? {}, { description: '$region' }),
    'the variable region is not declared',
  ],
  [
    'a panel without description',
    (d) => Object.assign(d.panels[2] ?? {}, { description: '' }),
    'Orders has no description',
  ],
  [
    'a panel without query',
    (d) => Object.assign(d.panels[2] ?? {}, { targets: [] }),
    'Orders asks nothing',
  ],
  [
    'a unit that Grafana does not know',
    (d) => Object.assign(d.panels[2] ?? {}, { fieldConfig: { defaults: { unit: 'pieces' } } }),
    'Orders has the unknown unit "pieces"',
  ],
  [
    'a data source built in',
    (d) => Object.assign(d.panels[2] ?? {}, { datasource: { type: 'x', uid: 'y' } }),
    'Orders has its data source built in',
  ],
  [
    'a panel on another',
    (d) => Object.assign(d.panels[2] ?? {}, { gridPos: { x: 3, y: 1, w: 4, h: 4 } }),
    'Revenue ($currency) lies on Orders',
  ],
  [
    'a panel beyond the page',
    (d) => Object.assign(d.panels[7] ?? {}, { gridPos: { x: 21, y: 1, w: 4, h: 4 } }),
    'is wider than the page',
  ],
])('%s is refused', (_, spoil, violation) => {
  const spoilt = structuredClone(EMITTED[0]) as unknown as Mutable
  spoil(spoilt)
  expect(dashboardViolations(spoilt as unknown as EmittedDashboard).join('\n')).toContain(violation)
})

interface Mutable {
  readonly panels: object[]
  readonly templating: { readonly list: object[] }
}
