import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, expect, test } from 'vitest'
import { startQdrantStandIn } from '#dev/stand-ins/qdrant/start-qdrant-stand-in.ts'
import { vectorsContract } from '#engines/vectors/contract.ts'
import { parseQdrantUrl } from '#engines/vectors/qdrant/qdrant-url.ts'
import { openQdrantVectors } from '#engines/vectors/qdrant/qdrant-vectors.ts'
import { operationOf, violations } from './published-api.ts'
import { type Exchange, recordExchanges } from './record-exchanges.ts'

// On the Qdrant of TEST_QDRANT_URL, else on the stand-in; what passes between is held against the types that Qdrant
// publishes in its client.

const opened = new AsyncDisposableStack()
afterAll(() => opened.disposeAsync())

const { baseUrl, apiKey = '' } = parseQdrantUrl(env['TEST_QDRANT_URL'] ?? (await standIn()))
const exchanges: Exchange[] = []
const recorder = opened.use(await recordExchanges(baseUrl, (exchange) => exchanges.push(exchange)))
const url = recorder.url.replace('http://', `qdrant://:${encodeURIComponent(apiKey)}@`)

vectorsContract('qdrant', () => openQdrantVectors({ url }))

test('every request and answer of the contract is as Qdrant publishes it', async () => {
  expect((await violations(exchanges)).flat()).toEqual([])
  expect(new Set(exchanges.map(operationOf))).toEqual(
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
