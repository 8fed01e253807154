import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startQdrantStandIn } from '#dev/stand-ins/qdrant/start-qdrant-stand-in.ts'
import { HISTORIES, SEARCHES } from '#engines/vectors/contract-histories.ts'
import { SPEC, unique } from '#engines/vectors/contract-points.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { Filter, Vectors } from '#engines/vectors/port.ts'
import { openQdrantVectors } from '#engines/vectors/qdrant/qdrant-vectors.ts'

const RUNS = 15
const VERSIONS_PER_RUN = 100

const opened = new AsyncDisposableStack()
afterAll(() => opened.disposeAsync())
const folder = await mkdtemp(join(tmpdir(), 'freshet-parity-'))
opened.defer(() => rm(folder, { recursive: true }))
const url =
  env['TEST_QDRANT_URL'] ??
  opened.use(await startQdrantStandIn({ folder: join(folder, 'stand-in') })).url
const qdrant = opened.use(await openQdrantVectors({ url }))
const embedded = opened.use(await openEmbeddedVectors({ folder: join(folder, 'embedded') }))

/** Versions as they may come to an engine: in any order, some twice. */
const VERSIONS = fc.array(fc.nat(9), { minLength: 20, maxLength: 20 })

test('any history, in any order of versions, gives the same answers on Qdrant and in this process', async () => {
  const name = unique()
  const both = [embedded, qdrant]
  for (const vectors of both) await vectors.createCollection(name, SPEC)
  let since = 0
  await fc.assert(
    fc.asyncProperty(HISTORIES, VERSIONS, SEARCHES, async (history, versions, requests) => {
      since += VERSIONS_PER_RUN
      for (const [index, { id, deletes, ...rest }] of history.entries()) {
        const version = since + (versions[index] ?? 0)
        const { look } = rest.vectors as { readonly look?: Float32Array }
        const text = look && { text: Float32Array.of(...look, 1) }
        const point = { id, version, ...rest, vectors: { ...rest.vectors, ...text } }
        for (const vectors of both) {
          if (deletes) await vectors.delete(name, { points: [{ id, version }] })
          else await vectors.upsert(name, [point])
        }
      }
      const filters = requests.map(({ filter }) => filter)
      const all = history.map(({ id }) => id)
      const byCosine = requests.map((request) => ({
        ...request,
        using: 'text',
        vector: Float32Array.of(...request.vector, 2),
      }))
      const asked = { name, ids: all, requests: [...requests, ...byCosine], filters }
      expect(await answers(qdrant, asked)).toEqual(await answers(embedded, asked))
    }),
    { numRuns: RUNS },
  )
  await qdrant.deleteCollection(name)
})

interface Asked {
  readonly name: string
  readonly ids: readonly string[]
  readonly requests: Parameters<Vectors['search']>[1]
  readonly filters: readonly Filter[]
}

/** Cosines to six digits: an engine may add in another order. */
async function answers(vectors: Vectors, { name, ids, requests, filters }: Asked) {
  const hits = await vectors.search(name, requests)
  const points = await vectors.retrieve(name, ids)
  return {
    found: hits.map((list) =>
      list.map(({ id, score, payload }) => ({ id, score: score.toFixed(6), payload })).sort(byText),
    ),
    stored: points.map(({ vectors: { text = [], ...others }, ...rest }) => ({
      ...rest,
      others,
      text: Array.from(text, (value) => value.toFixed(6)),
    })),
    counts: await Promise.all(filters.map((filter) => vectors.count(name, filter))),
  }
}

/** Scores that differ in the seventh digit on one engine may be a tie on the other. */
function byText(a: { id: string; score: string }, b: { id: string; score: string }): number {
  return Number(b.score) - Number(a.score) || (a.id < b.id ? -1 : 1)
}
