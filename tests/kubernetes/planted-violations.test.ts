import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readText } from '../tidy/repository.ts'
import type { Manifest } from './manifest.ts'
import { networkViolations } from './network-violations.ts'
import { render, withKustomize } from './render.ts'
import { routeViolations } from './route-violations.ts'
import { scalingViolations } from './scaling-violations.ts'
import { schemaViolations } from './schema-violations.ts'
import { wiringViolations } from './wiring-violations.ts'
import { workloadViolations } from './workload-violations.ts'

type Planted = readonly [what: string, path: string, value: unknown, sentence: string]
type PlantedFile = Readonly<Record<string, Readonly<Record<string, readonly Planted[]>>>>

const PLANTED = parse(readText('tests/kubernetes/planted-violations.yml')) as PlantedFile

/** What the file abbreviates. */
const PATHS: Readonly<Record<string, string>> = {
  pod: 'spec.template.spec',
  box: 'spec.template.spec.containers.0',
  trigger: 'spec.triggers.0.metadata',
}

withKustomize(() => {
  const production = render('overlays/production')
  const edges = networkViolations(production, new Set()).map(
    (violation) => violation.split(' is open, but not needed')[0] ?? '',
  )
  const policies: Readonly<
    Record<string, (manifests: readonly Manifest[]) => Promise<readonly string[]>>
  > = {
    workloads: async (manifests) => workloadViolations(manifests),
    wiring: async (manifests) => wiringViolations(manifests),
    scaling: async (manifests) => scalingViolations(manifests),
    network: async (manifests) => networkViolations(manifests, new Set(edges)),
    routes: async (manifests) => routeViolations(manifests),
    schemas: async (manifests) => (await Promise.all(manifests.map(schemaViolations))).flat(),
  }

  describe.each(Object.entries(PLANTED))('%s', (policy, ofPolicy) => {
    const violationsIn = policies[policy] ?? (async () => [])
    const planted = Object.entries(ofPolicy).flatMap(([where, rows]) =>
      rows.map(([what, path, value, sentence]) => ({ where, what, path, value, sentence })),
    )

    test('nothing is wrong before', async () => {
      expect(await violationsIn(production)).toEqual([])
    })

    test.each(planted)('$what in $where is refused', async ({ where, path, value, sentence }) => {
      const said = (await violationsIn(spoilt(where, path, value))).join('\n')
      expect(said).toContain(sentence)
    })
  })

  test('a Secret, and a password in a ConfigMap, are refused', () => {
    const manifest = (kind: string, data: Record<string, string>): Manifest => {
      return { apiVersion: 'v1', kind, metadata: { name: 'engines' }, spec: {}, data }
    }
    expect(workloadViolations([manifest('Secret', {})])).toEqual([
      'Secret engines: a secret is in the manifests',
    ])
    const settings = { LOG_LEVEL: 'info', LOG_URL: 'kafka://kafka:9092', SHOP: 'postgres://a:b@c' }
    expect(workloadViolations([manifest('ConfigMap', settings)])).toEqual([
      'ConfigMap engines: LOG_URL is a secret',
      'ConfigMap engines: SHOP is a secret',
    ])
  })

  test('several pods without a disruption budget are refused', () => {
    const unheld = production.filter(({ kind }) => kind !== 'PodDisruptionBudget')
    expect(wiringViolations(unheld)).toContain(
      'Deployment freshet-serve: may lose all its pods to a drain at once',
    )
  })

  test('as many processes as partitions of all topics may be started', () => {
    const where = 'ScaledObject freshet-process'
    expect(scalingViolations(spoilt(where, 'spec.maxReplicaCount', 24))).toEqual([])
  })

  function spoilt(where: string, path: string, value: unknown): readonly Manifest[] {
    const manifests = structuredClone(production) as Manifest[]
    const manifest = manifests.find(({ kind, metadata }) => `${kind} ${metadata.name}` === where)
    expect(manifest, where).toBeDefined()
    const [first = '', ...rest] = path.split('.')
    set(manifest as unknown as Tree, [...(PATHS[first] ?? first).split('.'), ...rest], value)
    return manifests
  }
})

interface Tree {
  [key: string]: unknown
}

function set(tree: Tree, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) set(tree[key] as Tree, rest, value)
  else if (value === null) delete tree[key]
  else tree[key] = value
}
