import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { absolute, readText } from '../tidy/repository.ts'
import { parseCompose } from './compose.ts'

const { services } = parseCompose()
const GRAFANA = services['grafana']

interface ScrapeConfig {
  readonly job_name: string
  readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[]
  readonly static_configs?: readonly { readonly targets: readonly string[] }[]
}

const listening = Object.entries(services)
  .filter(([, { image, healthcheck }]) => image?.includes('freshet:') && !healthcheck?.disable)
  .map(([name]) => name)

test('every process of Freshet that listens answers to the names of all of them', () => {
  for (const name of listening) {
    const hosts = services[name]?.environment?.['ALLOWED_HOSTS']?.split(',') ?? []
    expect(hosts).toEqual(expect.arrayContaining(listening))
  }
})

test('Prometheus scrapes every process of Freshet that listens, at its port', () => {
  const [freshet] = scrapeConfigs().flatMap((job) => job.dns_sd_configs ?? [])
  expect([...(freshet?.names ?? [])].sort()).toEqual(listening.sort())
  expect(readText('Dockerfile')).toContain(`FRESHET_PORT=${freshet?.port}`)
})

test('Prometheus scrapes ClickHouse where it is told to answer', () => {
  const targets = scrapeConfigs().flatMap(({ static_configs = [] }) =>
    static_configs.flatMap((config) => config.targets),
  )
  const [, port] =
    /<port>(\d+)<\/port>/.exec(readText('deploy/clickhouse/config.d/freshet.xml')) ?? []
  expect(targets).toContain(`clickhouse:${port}`)
})

test('Grafana asks services that there are, as the user whose password it is given', () => {
  const { datasources } = parse(readText('deploy/grafana/datasources.yml')) as {
    datasources: readonly {
      url?: string
      jsonData: { host?: string; username?: string }
      secureJsonData?: { password: string }
    }[]
  }
  const hosts = datasources.map(({ url, jsonData }) => jsonData.host ?? new URL(url ?? '').hostname)
  expect(hosts).toEqual(['clickhouse', 'prometheus'])
  for (const host of hosts) expect(services).toHaveProperty(host)
  const password = datasources[0]?.secureJsonData?.password.slice(1) ?? ''
  expect(GRAFANA?.environment).toHaveProperty(password)
  expect(readText('deploy/clickhouse/users.d/freshet.xml')).toMatch(
    new RegExp(`<${datasources[0]?.jsonData.username}>\\s*<password from_env="${password}"/>`),
  )
})

test('Grafana finds the dashboards where they are mounted, and opens one of them', () => {
  const { providers } = parse(readText('deploy/grafana/dashboards.yml')) as {
    providers: readonly { options: { path: string } }[]
  }
  const path = providers[0]?.options.path
  expect(GRAFANA?.volumes).toContain(`./dashboards/json:${path}:ro`)
  const home = GRAFANA?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''
  expect(home.startsWith(`${path}/`)).toBe(true)
  expect(existsSync(absolute(home.replace(`${path}`, 'dashboards/json')))).toBe(true)
})

test('the plugin that is installed is the one whose format the dashboards have', () => {
  const [, version = 'none'] =
    /clickhouse-datasource@(.+)/.exec(GRAFANA?.environment?.['GF_PLUGINS_PREINSTALL_SYNC'] ?? '') ??
    []
  expect(readText('dashboards/json/trends.json')).toContain(`"pluginVersion": "${version}"`)
})

function scrapeConfigs(): readonly ScrapeConfig[] {
  return (parse(readText('deploy/prometheus/prometheus.yml')) as { scrape_configs: ScrapeConfig[] })
    .scrape_configs
}
