import { describe, expect, test } from 'vitest'
import { REINDEX_ENGINES } from '#app/commands/reindex.ts'
import { loadConfig } from '#app/config.ts'
import { PREPARED_ENGINES } from '#app/prepare-engines.ts'
import { COLLECT_ENGINES } from '#app/roles/collect.ts'
import { PROCESS_ENGINES } from '#app/roles/process.ts'
import { SERVE_ENGINES } from '#app/roles/serve.ts'
import { isEmbedded } from '#engines/embedded-url.ts'
import { readSettings, unreadSettings } from '../deploy/read-settings.ts'
import { readText } from '../tidy/repository.ts'
import { type Manifest, ofKind, workloads } from './manifest.ts'
import { networkViolations } from './network-violations.ts'
import { readManifests, render, withKustomize } from './render.ts'
import { routeViolations } from './route-violations.ts'
import { scalingViolations } from './scaling-violations.ts'
import { schemaViolations } from './schema-violations.ts'
import { settingsOf } from './settings-violations.ts'
import { wiringViolations } from './wiring-violations.ts'
import { workloadViolations } from './workload-violations.ts'

interface ExternalSecretSpec {
  readonly target: {
    readonly name: string
    readonly template: { readonly data: Readonly<Record<string, string>> }
  }
}

const secrets = ofKind<ExternalSecretSpec>(
  readManifests('examples/external-secrets.yaml'),
  'ExternalSecret',
)
const secret = (name: string) =>
  secrets.find(({ spec }) => spec.target.name === name)?.spec.target.template.data ?? {}
const urls = Object.fromEntries(
  Object.entries(secret('freshet-engines')).map(([key, url]) => [
    key,
    url.replace(/{{.*?}}/, 'ab'),
  ]),
)

const EXAMPLES_WITH_SCHEMA = [
  'external-secrets',
  'service-monitor',
  'prometheus-rule',
  'valkey',
  'namespace',
]

/** The engines of each component, by the code. */
const ENGINES_OF: Readonly<Record<string, readonly string[]>> = {
  init: PREPARED_ENGINES,
  ingest: COLLECT_ENGINES,
  process: PROCESS_ENGINES,
  serve: SERVE_ENGINES,
  reindex: REINDEX_ENGINES,
}

/** Who has to connect where: to the engines at the ports of their URLs, to DNS, and callers to Freshet. */
function neededEdges(isPublished: boolean): ReadonlySet<string> {
  const toEngines = Object.entries(ENGINES_OF).flatMap(([component, engines]) =>
    engines
      .filter((engine) => engine !== 'model')
      .map((engine) => {
        const url = urls[`${engine.toUpperCase()}_URL`]?.replace(/^[a-z]+:/, 'http:') ?? ''
        return `${component} -> freshet-engines:${new URL(url).port}`
      }),
  )
  const toDns = Object.keys(ENGINES_OF).flatMap((component) =>
    ['53/UDP', '53'].map((port) => `${component} -> kube-system/kube-dns:${port}`),
  )
  const listening = ['ingest', 'process', 'serve']
  const fromPrometheus = listening.map((one) => `monitoring/prometheus -> ${one}:http`)
  const published = isPublished ? ['ingest', 'serve'] : []
  const fromGateway = published.map((one) => `envoy-gateway-system -> ${one}:http`)
  // A namespace gets this label from an administrator.
  const fromProducers = '[freshet.example.com/producer=true] -> ingest:http'
  return new Set([...toEngines, ...toDns, ...fromPrometheus, ...fromGateway, fromProducers])
}

withKustomize(() => {
  const production = render('overlays/production')

  describe.each(['base', 'overlays/local', 'overlays/production'])('k8s/%s', (folder) => {
    const manifests = render(folder)

    test('is valid by the schemas of its kinds, with no unknown key', async () => {
      expect(manifests.length).toBeGreaterThan(15)
      expect((await Promise.all(manifests.map(schemaViolations))).flat()).toEqual([])
    })

    test('keeps the policies', () => {
      expect(workloadViolations(manifests)).toEqual([])
      expect(scalingViolations(manifests)).toEqual([])
      const wiring = wiringViolations(manifests)
      // Budgets are in production only.
      const unheld = /may lose all its pods to a drain at once$/
      expect(wiring.filter((one) => folder !== 'base' || !unheld.test(one))).toEqual([])
    })

    test('opens exactly the connections that are needed', () => {
      const isPublished = folder === 'overlays/production'
      expect(networkViolations(manifests, neededEdges(isPublished))).toEqual([])
    })

    test('gives Freshet settings that it reads and understands', async () => {
      const known = await readSettings()
      // The file with the certificate exists in pods only.
      const LOG_URL = urls['LOG_URL']?.replace(/ca=[^&]*/, 'tls=true')
      const placement = { host: '0.0.0.0', port: 8080, data: '/data' }
      const containers = workloads(manifests).flatMap(({ template }) => template.spec.containers)
      for (const container of containers) {
        const settings = { ...settingsOf(container, manifests), ...urls }
        expect(unreadSettings(Object.keys(settings), known)).toEqual([])
        const config = loadConfig(placement, { ...settings, LOG_URL })
        expect(Object.values(config.urls).filter(isEmbedded)).toEqual([])
      }
    })

    test('runs commands that exist, one Deployment for each role', () => {
      const commands = workloads(manifests).map(({ manifest, template }) => {
        const [container] = template.spec.containers
        return `${manifest.kind} ${container?.args?.[0]}`
      })
      expect(commands.sort()).toEqual([
        'CronJob reindex',
        'Deployment ingest',
        'Deployment process',
        'Deployment serve',
        'Job init',
      ])
    })
  })

  test('production publishes what callers need, and nothing else', () => {
    expect(routeViolations(production)).toEqual([])
  })

  test('production limits the requests of an address where lists are computed, not where events come in', () => {
    const limits = workloads(production).flatMap(({ manifest, template }) =>
      template.spec.containers
        .map((container) => settingsOf(container, production)['RATE_LIMIT_PER_MINUTE'] ?? '0')
        .filter((limit) => limit !== '0')
        .map(() => manifest.metadata.name),
    )
    expect(limits).toEqual(['freshet-serve'])
  })

  test('everything has the label by which old ConfigMaps are pruned', () => {
    const labels = production.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/part-of'])
    expect(new Set(labels)).toEqual(new Set(['freshet']))
  })

  test('every Deployment of production has a scaler and a disruption budget', () => {
    const names = ['freshet-ingest', 'freshet-process', 'freshet-serve']
    const targets = ['HorizontalPodAutoscaler', 'ScaledObject'].flatMap((kind) =>
      ofKind<{ scaleTargetRef: { name: string } }>(production, kind),
    )
    expect(targets.map(({ spec }) => spec.scaleTargetRef.name).sort()).toEqual(names)
    const budgets = ofKind(production, 'PodDisruptionBudget')
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual(names)
  })

  test('pods listen where the image does', () => {
    const ports = workloads(production).flatMap(({ template }) =>
      template.spec.containers.flatMap(({ ports: named = [] }) =>
        named.map(({ containerPort }) => containerPort),
      ),
    )
    expect(new Set(ports).size).toBe(1)
    expect(readText('Dockerfile')).toContain(`FRESHET_PORT=${ports[0]}`)
  })

  test('KEDA asks the Kafka that Freshet uses, with a login that the example makes', () => {
    const [scaled] = ofKind<{
      triggers: readonly { metadata: Record<string, string>; authenticationRef: { name: string } }[]
    }>(production, 'ScaledObject')
    const servers = scaled?.spec.triggers.map(({ metadata }) => metadata['bootstrapServers'])
    const { host } = new URL(urls['LOG_URL']?.replace('kafka:', 'http:') ?? '')
    expect(new Set(servers)).toEqual(new Set([host]))
    const [auth] = ofKind<{ secretTargetRef: readonly { name: string; key: string }[] }>(
      production,
      'TriggerAuthentication',
    )
    for (const { name, key } of auth?.spec.secretTargetRef ?? [])
      expect(secret(name)).toHaveProperty(key)
  })
})

describe('the examples', () => {
  test('are valid where schemas of their kinds are available', async () => {
    const manifests: Manifest[] = []
    for (const file of EXAMPLES_WITH_SCHEMA)
      manifests.push(...readManifests(`examples/${file}.yaml`))
    expect((await Promise.all(manifests.map(schemaViolations))).flat()).toEqual([])
  })

  test('hold no secret: every password is a reference', () => {
    const values = secrets.flatMap(({ spec }) => Object.entries(spec.target.template.data))
    const passwords = values.filter(([key]) => /_URL$|password/.test(key) && key !== 'REGISTRY_URL')
    expect(passwords).toHaveLength(5)
    expect(passwords.filter(([, value]) => !/{{ \.\w+ }}/.test(value))).toEqual([])
  })
})
