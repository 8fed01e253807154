import { expect, test } from 'vitest'
import { floats, lookAt, must, point, SPEC, unique } from '#engines/vectors/contract-points.ts'
import type { Point, Vectors } from '#engines/vectors/port.ts'

/** What every vector engine does with collections and their aliases. */
export function collectionsContract(vectors: () => Vectors): void {
  async function collection(points: readonly Point[] = []): Promise<string> {
    const name = unique()
    await vectors().createCollection(name, SPEC)
    await vectors().upsert(name, points)
    return name
  }

  async function found(name: string): Promise<string[]> {
    const [hits = []] = await vectors().search(name, [
      { using: 'look', vector: floats(1, 0), limit: 100 },
    ])
    return hits.map((hit) => hit.id)
  }

  test('creating a collection again keeps its points', async () => {
    const name = await collection([lookAt('a', 1)])
    await vectors().createCollection(name, SPEC)
    expect(await vectors().count(name)).toBe(1)
  })

  test('creating it with another vector is refused, with another index it is not', async () => {
    const name = await collection([point('a', { payload: { colour: 'red' } })])
    const longer = { ...SPEC.vectors, text: { size: 4, distance: 'Cosine' } as const }
    await expect(
      vectors().createCollection(name, { ...SPEC, vectors: longer }),
    ).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
    await vectors().createCollection(name, {
      ...SPEC,
      indexes: { ...SPEC.indexes, colour: 'keyword' },
    })
    expect(await vectors().count(name, must({ field: 'colour', match: 'red' }))).toBe(1)
  })

  test('an alias stands for the collection and can be moved to another', async () => {
    const old = await collection([lookAt('old', 1)])
    const next = await collection([lookAt('next', 1)])
    const alias = unique()
    await vectors().setAlias(alias, old)
    expect(await found(alias)).toEqual(['old'])
    await vectors().upsert(alias, [lookAt('later', 2)])
    expect(await found(old)).toEqual(['later', 'old'])
    await vectors().setAlias(alias, next)
    expect(await found(alias)).toEqual(['next'])
    expect(await vectors().count(old)).toBe(2)
  })

  test('a name is either a collection or an alias', async () => {
    const first = await collection()
    const second = await collection()
    const alias = unique()
    await vectors().setAlias(alias, first)
    const refused = { code: 'ENGINE_REFUSED', retriable: false }
    await expect(vectors().createCollection(alias, SPEC)).rejects.toMatchObject(refused)
    await expect(vectors().setAlias(second, first)).rejects.toMatchObject(refused)
  })

  test('an alias can be looked up, and be set through another', async () => {
    const name = await collection()
    const [first, second] = [unique(), unique()]
    expect(await vectors().collectionOf(first)).toBeUndefined()
    await vectors().setAlias(first, name)
    await vectors().setAlias(second, first)
    expect(await vectors().collectionOf(second)).toBe(name)
    expect(await vectors().collectionOf(name)).toBeUndefined()
  })

  test('a deleted collection is gone with its points, and deleting it again changes nothing', async () => {
    const name = await collection([lookAt('a', 1)])
    await vectors().deleteCollection(name)
    await vectors().deleteCollection(name)
    await expect(vectors().count(name)).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' })
    const vectorsOfAnotherLength = { look: { size: 3, distance: 'Dot' } } as const
    await vectors().createCollection(name, { vectors: vectorsOfAnotherLength, indexes: {} })
    expect(await vectors().count(name)).toBe(0)
  })

  test('a collection is not deleted by its alias, nor while one points at it', async () => {
    const [old, next, alias] = [await collection(), await collection(), unique()]
    await vectors().setAlias(alias, old)
    const refused = { code: 'ENGINE_REFUSED', retriable: false }
    await expect(vectors().deleteCollection(alias)).rejects.toMatchObject(refused)
    await expect(vectors().deleteCollection(old)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(alias),
    })
    await vectors().setAlias(alias, next)
    await vectors().deleteCollection(old)
    expect(await vectors().count(alias)).toBe(0)
  })
}
