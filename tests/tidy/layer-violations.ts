import { matchesGlob } from 'node:path'
import { type Imported, importsOf } from './imports-of.ts'
import { isTestFile, TEST_FILES } from './is-test-file.ts'
import type { SourceFile } from './repository.ts'

const SCHEMAS = 'schemas/**'
const PORTS = 'engines/{errors,replace-file,*/port}.ts'
/** What several stages share. */
const SHARED = ['items', 'datasets', 'http']
const STAGES = ['ingest', 'processors', 'recommender', 'serving']
/** What stands beside the product and may use all of it. */
const OUTSIDE = ['tests', 'bench', 'dev', 'docs']

/** What a test may import beyond what its folder may: whatever needs no server. */
const FOR_TESTS = [
  'engines/*.fixture.ts',
  'engines/*/*.ts',
  'engines/*/embedded/**',
  'engines/models/**',
]

/** The only places of each package, so that replacing one touches one folder. `tests`, `bench` and `dev` are free. */
const CONFINED: Readonly<Record<string, readonly string[]>> = {
  chdb: ['engines/tables/**'],
  '@clickhouse/client': ['engines/tables/**'],
  kafkajs: ['engines/log/kafka/**'],
  ioredis: ['engines/cache/redis/**'],
  '@qdrant/js-client-rest': ['engines/vectors/qdrant/**'],
  '@kafkajs/confluent-schema-registry': ['engines/registry/confluent/**'],
  '@huggingface/transformers': ['engines/models/**'],
  'node:sqlite': ['engines/*/embedded/**', 'app/**'],
  pg: ['ingest/outbox/**'],
  'express-rate-limit': ['app/http/**'],
  avsc: ['schemas/*.ts', 'engines/registry/**', 'pipeline/**'],
  express: ['http/**', 'app/http/**'],
  helmet: ['http/**'],
  'zod-openapi': ['http/**'],
  commander: ['app/**'],
  'cli-progress': ['app/**'],
  'node-cron': ['app/**'],
  'playwright-core': TEST_FILES,
  'oxc-parser': [],
  vitest: TEST_FILES,
  'fast-check': TEST_FILES,
}

/** What is wrong with the imports of a file, one sentence each. */
export function layerViolations(file: SourceFile): readonly string[] {
  const allowed = mayImport(file.path)
  if (allowed === undefined) return [`${file.path} stands in no folder of the layout`]
  return importsOf(file).flatMap((imported) =>
    imported.kind === 'file'
      ? directionViolations(file.path, imported, allowed)
      : confinementViolations(file.path, imported.name),
  )
}

/** What a file may import, as globs; undefined when it stands outside the layout. Data moves down, imports up. */
function mayImport(path: string): readonly string[] | undefined {
  const [folder = '', port, adapter] = path.split('/')
  const forTests = isTestFile(path) ? FOR_TESTS : []
  if (folder === 'schemas') return [SCHEMAS]
  if (matchesGlob(path, PORTS)) return [SCHEMAS, PORTS]
  if (folder === 'engines') {
    // An adapter knows its own folder and what stands beside it for all adapters of its port, and of all ports.
    const own = adapter?.endsWith('.ts') ? [] : [`engines/${port}/${adapter}/**`]
    return [SCHEMAS, PORTS, 'engines/*.ts', `engines/${port}/*.ts`, ...own, ...forTests]
  }
  if (folder === 'pipeline') return [SCHEMAS, PORTS, 'pipeline/**', ...forTests]
  if (SHARED.includes(folder)) return [SCHEMAS, PORTS, 'pipeline/**', `${folder}/**`, ...forTests]
  if (STAGES.includes(folder)) {
    return [SCHEMAS, PORTS, 'pipeline/**', `{${SHARED.join()},${folder}}/**`, ...forTests]
  }
  if (folder === 'app')
    return ['package.json', SCHEMAS, `{engines,pipeline,${[...SHARED, ...STAGES].join()},app}/**`]
  if (folder === 'dashboards' || folder === 'deploy') return [SCHEMAS, `${folder}/**`]
  if (OUTSIDE.includes(folder) || path === 'vitest.config.ts') return ['**']
  return undefined
}

function directionViolations(
  path: string,
  imported: Imported & { kind: 'file' },
  allowed: readonly string[],
): readonly string[] {
  if (!matchesAny(imported.path, allowed)) return [`${path} must not import ${imported.path}`]
  if (isTestFile(imported.path) && !isTestFile(path)) {
    return [`${path} imports ${imported.path}, which is for tests`]
  }
  return []
}

function confinementViolations(path: string, name: string): readonly string[] {
  const places = CONFINED[name]
  if (places === undefined || matchesAny(path, [`{${OUTSIDE.join()}}/**`, ...places])) return []
  return [`${path} imports ${name}, which is confined to ${places.join(', ') || 'tests'}`]
}

function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(path, glob))
}
