import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import type { Memory } from './candidate.ts'
import { memoryOf, proposed, scoresOf } from './history.fixture.ts'
import { text } from './text.ts'

type Vectors = NonNullable<Memory['vectors']>

/** Nearest to every product with a vector: p2, something that nobody knows, p3, and p4 at a right angle. */
function vectorsOf(known: readonly string[]): Vectors {
  return {
    retrieve: vi.fn<Vectors['retrieve']>(async (_, ids) =>
      ids
        .filter((id) => known.includes(id))
        .map((id) => ({ id, version: 1, vectors: { text: Float32Array.of(1) }, payload: {} })),
    ),
    search: vi.fn<Vectors['search']>(async () => [
      [
        { id: 'p2', score: 0.9, payload: {} },
        { id: 'unknown', score: 0.8, payload: {} },
        { id: 'p3', score: 0.5, payload: {} },
        { id: 'p4', score: 0, payload: {} },
      ],
    ]),
  }
}

const OF_P1 = { items: [1, 5], ages: [0, 1] }

test('proposes known products described like the newest one, by their cosine', async () => {
  const vectors = vectorsOf(['p1'])
  const candidates = await proposed(text, [], { ...OF_P1, limit: 3 }, memoryOf({ vectors }))
  expect(scoresOf(candidates)).toEqual(
    new Map([
      [2, 0.9],
      [3, 0.5],
    ]),
  )
  expect(candidates.evidence(2)).toEqual([1])
  const [, [request] = []] = vi.mocked(vectors.search).mock.calls[0] ?? []
  expect(request).toMatchObject({ limit: 6, filter: { mustNot: [{ ids: ['p1'] }] } })
})

test('proposes nothing where there is no newest product, no text or no engine', async () => {
  const memory = memoryOf({ vectors: vectorsOf(['p1']) })
  expect((await proposed(text, [], { items: [], ages: [] }, memory)).items).toHaveLength(0)
  expect((await proposed(text, [], { items: [5], ages: [0] }, memory)).items).toHaveLength(0)
  expect((await proposed(text, [], OF_P1)).items).toHaveLength(0)
})

test('an engine that fails is said once and costs nothing but its candidates, until it is back', async () => {
  const lines: string[] = []
  const logger = pino(
    {},
    { write: (line) => lines.push((JSON.parse(line) as { msg: string }).msg) },
  )
  const vectors = vectorsOf(['p1'])
  const source = text.create(memoryOf({ vectors, logger }))
  const ask = async () => (await source.propose({ ...OF_P1, bought: [], limit: 5 })).items.length
  const down = new EngineError('ENGINE_UNAVAILABLE', 'down')
  vi.mocked(vectors.retrieve).mockRejectedValueOnce(down).mockRejectedValueOnce(down)
  expect([await ask(), await ask(), await ask()]).toEqual([0, 0, 2])
  expect(lines).toEqual([
    'recommending without text-similar candidates',
    'text-similar candidates are back',
  ])
})

test('no collection yet is no failure, and a mistake in the program is not hidden', async () => {
  const vectors = vectorsOf(['p1'])
  const warn = vi.fn<() => void>()
  const logger = { warn } as unknown as Memory['logger']
  const memory = memoryOf({ vectors, logger })
  const missing = new EngineError('UNKNOWN_COLLECTION', 'none')
  vi.mocked(vectors.retrieve).mockRejectedValueOnce(missing)
  expect((await proposed(text, [], OF_P1, memory)).items).toHaveLength(0)
  expect(warn).not.toHaveBeenCalled()
  vi.mocked(vectors.retrieve).mockRejectedValueOnce(new TypeError('a bug'))
  await expect(proposed(text, [], OF_P1, memory)).rejects.toThrow('a bug')
})
