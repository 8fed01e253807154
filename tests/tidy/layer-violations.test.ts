import { expect, test } from 'vitest'
import { layerViolations } from './layer-violations.ts'
import { typeScriptFiles } from './repository.ts'

const files = typeScriptFiles()

test('imports run one way', () => {
  expect(files.flatMap(layerViolations)).toEqual([])
})

test('the files of every folder were read', () => {
  const count = (folder: string) => files.filter(({ path }) => path.startsWith(folder)).length
  expect(count('schemas/')).toBeGreaterThan(10)
  expect(count('engines/')).toBeGreaterThan(10)
  expect(count('pipeline/')).toBeGreaterThan(10)
  expect(files.length).toBeGreaterThan(60)
})

test.each([
  ['schemas import nothing of ours', 'schemas/a.ts', '#engines/errors.ts'],
  ['a port knows no adapter', 'engines/log/port.ts', './embedded/embedded-log.ts'],
  ['a port knows no stage', 'engines/log/port.ts', '#pipeline/watermark.ts'],
  ['adapters of two ports do not meet', 'engines/log/embedded/a.ts', '#engines/cache/redis/b.ts'],
  ['adapters of one port do not meet', 'engines/log/kafka/a.ts', '../embedded/embedded-log.ts'],
  ['what adapters share knows none', 'engines/log/murmur2.ts', './embedded/embedded-log.ts'],
  ['the pipeline knows no adapter', 'pipeline/a.ts', '#engines/log/embedded/embedded-log.ts'],
  ['the pipeline knows no stage', 'pipeline/a.ts', '#processors/archive.ts'],
  ['stages never meet', 'serving/a.ts', '#recommender/blend.ts'],
  ['stages never meet by a relative path', 'serving/http/a.ts', '../../ingest/collector.ts'],
  ['stages never meet in tests', 'serving/a.test.ts', '#recommender/blend.ts'],
  ['a stage knows no adapter', 'ingest/a.ts', '#engines/log/embedded/embedded-log.ts'],
  ['a stage knows no clock but the port', 'ingest/a.ts', '#engines/clock/system-clock.ts'],
  ['a test needs no server', 'ingest/a.test.ts', '#engines/log/kafka/kafka-log.ts'],
  ['a test beside the source starts no server', 'engines/log/kafka/a.test.ts', '#dev/servers.ts'],
  ['what stages share knows no stage', 'items/a.ts', '#recommender/blend.ts'],
  ['shared folders do not import each other', 'datasets/a.ts', '#items/points.ts'],
  ['routes are declared without knowing a stage', 'http/a.ts', '#serving/http/serving-routes.ts'],
  ['the pipeline knows no HTTP', 'pipeline/a.ts', '#http/route.ts'],
  ['engines know no HTTP', 'engines/log/port.ts', '#http/route.ts'],
  ['the pipeline knows nothing that stands on it', 'pipeline/a.ts', '#datasets/csv-records.ts'],
  ['nobody imports the app', 'serving/a.ts', '#app/config.ts'],
  ['the app knows no test', 'app/a.ts', '../tests/closing-line-reporter.ts'],
  ['production code knows no test', 'pipeline/a.ts', './test-driver.fixture.ts'],
  ['production code knows no contract suite', 'app/a.ts', '#engines/log/contract.ts'],
  ['nothing is imported from outside', 'pipeline/a.ts', '../../elsewhere/b.ts'],
])('%s', (_, path, specifier) => {
  expect(layerViolations({ path, source: `import '${specifier}'` })).toHaveLength(1)
})

test.each([
  ['engines/tables/embedded/a.ts', 'chdb', 'pipeline/a.ts'],
  ['engines/tables/clickhouse/a.ts', '@clickhouse/client', 'serving/a.ts'],
  ['engines/log/kafka/a.ts', 'kafkajs', 'engines/log/embedded/a.ts'],
  ['engines/cache/redis/a.ts', 'ioredis', 'serving/a.ts'],
  ['engines/vectors/qdrant/a.ts', '@qdrant/js-client-rest', 'recommender/a.ts'],
  ['engines/registry/confluent/a.ts', '@kafkajs/confluent-schema-registry', 'pipeline/a.ts'],
  ['engines/models/embedded/a.ts', '@huggingface/transformers', 'recommender/a.ts'],
  ['engines/log/embedded/a.ts', 'node:sqlite', 'pipeline/a.ts'],
  ['pipeline/a.ts', 'avsc', 'processors/a.ts'],
  ['http/a.ts', 'express', 'serving/http/a.ts'],
  ['app/http/a.ts', 'express', 'ingest/http/a.ts'],
  ['http/a.ts', 'helmet', 'serving/http/a.ts'],
  ['http/a.ts', 'zod-openapi', 'serving/a.ts'],
  ['app/commands/a.ts', 'commander', 'ingest/a.ts'],
  ['app/commands/a.ts', 'cli-progress', 'ingest/a.ts'],
  ['app/reindex/a.ts', 'node-cron', 'items/reindex/a.ts'],
  ['serving/page/a.test.ts', 'playwright-core', 'serving/page/a.ts'],
  ['tests/tidy/a.ts', 'oxc-parser', 'pipeline/a.ts'],
  ['engines/log/contract.ts', 'vitest', 'engines/log/a.ts'],
  ['pipeline/a.test.ts', 'fast-check', 'pipeline/a.ts'],
])('%s may import %s, %s may not', (inside, name, outside) => {
  const source = `import { a } from '${name}/deep'`
  expect(layerViolations({ path: inside, source })).toEqual([])
  expect(layerViolations({ path: outside, source })).toHaveLength(1)
})

test.each([
  ["import type { A } from '#engines/log/embedded/a.ts'"],
  ["import { type A } from '#engines/log/embedded/a.ts'"],
  ["export * from '#engines/log/embedded/a.ts'"],
  ["export { a } from '#engines/log/embedded/a.ts'"],
  ["const a = await import('#engines/log/embedded/a.ts')"],
  ["type A = import('#engines/log/embedded/a.ts').A"],
  ["new Worker(new URL('../engines/log/embedded/a.ts', import.meta.url))"],
])('%s is an import', (source) => {
  const violation = 'pipeline/a.ts must not import engines/log/embedded/a.ts'
  expect(layerViolations({ path: 'pipeline/a.ts', source })).toEqual([violation])
})

test.each([
  ['schemas/events/a.ts', '#schemas/avro.ts'],
  ['engines/log/port.ts', '#schemas/topics.ts'],
  ['engines/log/kafka/a.ts', '../murmur2.ts'],
  ['engines/log/embedded/a.ts', '#engines/clock/port.ts'],
  ['engines/log/embedded/a.test.ts', '#engines/clock/manual-clock.ts'],
  ['pipeline/a.ts', '#engines/errors.ts'],
  ['pipeline/a.ts', '#engines/replace-file.ts'],
  ['pipeline/a.test.ts', '#engines/log/embedded/embedded-log.ts'],
  ['recommender/a.ts', '#pipeline/watermark.ts'],
  ['recommender/a.ts', '#datasets/csv-records.ts'],
  ['items/a.ts', '#pipeline/event-codec.ts'],
  ['app/engines/adapters.ts', '#engines/log/embedded/embedded-log.ts'],
  ['engines/log/kafka/a.ts', '#engines/server-url.ts'],
  ['http/a.ts', '#schemas/http/problem.ts'],
  ['ingest/http/a.ts', '#http/route.ts'],
  ['serving/http/a.ts', '#http/route.ts'],
  ['tests/end-to-end/a.test.ts', '#serving/http/server.ts'],
  ['bench/path.ts', '#app/start.ts'],
])('%s may import %s', (path, specifier) => {
  expect(layerViolations({ path, source: `import '${specifier}'` })).toEqual([])
})

test('the URL of a folder is no import', () => {
  const source = "new URL('../docs/errors', import.meta.url)"
  expect(layerViolations({ path: 'pipeline/a.ts', source })).toEqual([])
})

test('a folder outside the layout is refused', () => {
  expect(layerViolations({ path: 'lib/a.ts', source: '' })).toEqual([
    'lib/a.ts stands in no folder of the layout',
  ])
})
