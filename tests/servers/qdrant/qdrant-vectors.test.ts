import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, expect, test } from 'vitest'
import { PublishedApi } from '#dev/stand-ins/qdrant/published-api/published-api.ts'
import { recordExchanges } from '#dev/stand-ins/qdrant/published-api/record-exchanges.ts'
import { startQdrantStandIn } from '#dev/stand-ins/qdrant/start-qdrant-stand-in.ts'
import { vectorsContract } from '#engines/vectors/contract.ts'
import { parseQdrantUrl } from '#engines/vectors/qdrant/qdrant-url.ts'
import { openQdrantVectors } from '#engines/vectors/qdrant/qdrant-vectors.ts'

// On the Qdrant of TEST_QDRANT_URL, else on the stand-in; what passes between is held against what Qdrant publishes: in
// the OpenAPI document at QDRANT_OPENAPI, else in the types of its client.

const opened = new AsyncDisposableStack()
afterAll(() => opened.disposeAsync())

const { baseUrl, apiKey = '' } = parseQdrantUrl(env['TEST_QDRANT_URL'] ?? (await standIn()))
const api = new PublishedApi(env['QDRANT_OPENAPI'])
const violations = new Set<string>()
const operations = new Set<string | undefined>()
const recorder = opened.use(
  await recordExchanges(baseUrl, (exchange) => {
    operations.add(api.operationOf(exchange))
    for (const violation of api.violations(exchange)) violations.add(violation)
  }),
)
const url = recorder.url.replace('http://', `qdrant://:${encodeURIComponent(apiKey)}@`)

vectorsContract('qdrant', () => openQdrantVectors({ url }))

test('every request and answer of the contract is as Qdrant publishes it', () => {
  expect([...violations]).toEqual([])
  expect(operations).toEqual(
    new Set([
      'DELETE /collections/{collection_name}',
      'GET /',
      'GET /aliases',
      'GET /collections',
      'GET /collections/{collection_name}',
      'POST /collections/aliases',
      'POST /collections/{collection_name}/points',
      'POST /collections/{collection_name}/points/count',
      'POST /collections/{collection_name}/points/delete',
      'POST /collections/{collection_name}/points/query/batch',
      'PUT /collections/{collection_name}',
      'PUT /collections/{collection_name}/index',
      'PUT /collections/{collection_name}/points',
    ]),
  )
})

async function standIn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-qdrant-'))
  opened.defer(() => rm(folder, { recursive: true }))
  return opened.use(await startQdrantStandIn({ folder })).url
}
