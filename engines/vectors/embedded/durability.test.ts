import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { CollectionSpec, Point } from '#engines/vectors/port.ts'

const CHILD = fileURLToPath(new URL('./upsert-until-killed.fixture.ts', import.meta.url))
const SPEC: CollectionSpec = {
  vectors: { text: { size: 3, distance: 'Cosine' }, look: { size: 2, distance: 'Dot' } },
  indexes: { brand: 'keyword' },
}

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-vectors-'))
  file = join(folder, 'vectors.sqlite')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('collections, points and aliases survive a reopen', async () => {
  const points: Point[] = [
    item('both', { text: floats(0, 3, 4), look: floats(1, 2) }, { brand: 'a', tags: ['x', 'ü'] }),
    item('look', { look: floats(5, 6) }, { brand: null, in_stock: true, price: 0.5 }),
    item('none', {}, {}),
  ]
  const ids = points.map((point) => point.id)
  const request = { using: 'look', vector: floats(1, 1), limit: 5 }
  const read = async () => {
    await using vectors = await openEmbeddedVectors({ folder })
    const points = await vectors.retrieve('alias', ids)
    return { points, hits: await vectors.search('alias', [request]) }
  }
  {
    await using vectors = await openEmbeddedVectors({ folder })
    await vectors.createCollection('items', SPEC)
    await vectors.createCollection('other', SPEC)
    await vectors.upsert('items', [...points, item('gone', {}, {})])
    await vectors.delete('items', { points: [{ id: 'gone', version: 2 }] })
    await vectors.setAlias('alias', 'other')
    await vectors.setAlias('alias', 'items')
  }
  const first = await read()
  expect(first.points.map((point) => point.id)).toEqual(ids)
  expect(first.hits).toEqual([
    [
      { id: 'look', score: 11, payload: { brand: null, in_stock: true, price: 0.5 } },
      { id: 'both', score: 3, payload: { brand: 'a', tags: ['x', 'ü'] } },
    ],
  ])
  expect(await read()).toEqual(first)
})

test('the disk keeps what memory holds: the newest version of one call, a copy of the payload', async () => {
  const payload = { brand: 'stored' }
  const stored = { ...item('p', {}, payload), version: 5 }
  {
    await using vectors = await openEmbeddedVectors({ folder })
    await vectors.createCollection('items', SPEC)
    await vectors.upsert('items', [stored, { ...stored, version: 4, payload: { brand: 'older' } }])
    payload.brand = 'changed by the caller'
    expect((await vectors.retrieve('items', ['p']))[0]?.payload).toEqual({ brand: 'stored' })
  }
  await using vectors = await openEmbeddedVectors({ folder })
  const [found] = await vectors.retrieve('items', ['p'])
  expect(found).toEqual({ ...stored, payload: { brand: 'stored' } })
})

test('a deletion holds against an older writer after a reopen, and a deleted collection stays away', async () => {
  {
    await using vectors = await openEmbeddedVectors({ folder })
    await vectors.createCollection('items', SPEC)
    await vectors.createCollection('old', SPEC)
    await vectors.upsert('items', [item('gone', { look: floats(1, 2) }, {})])
    await vectors.delete('items', { points: [{ id: 'gone', version: 5 }] })
    await vectors.deleteCollection('old')
  }
  await using vectors = await openEmbeddedVectors({ folder })
  expect(await vectors.count('items')).toBe(0)
  await vectors.upsert('items', [{ ...item('gone', {}, {}), version: 5 }])
  expect(await vectors.retrieve('items', ['gone'])).toEqual([])
  await vectors.upsert('items', [{ ...item('gone', {}, {}), version: 6 }])
  expect(await vectors.count('items')).toBe(1)
  await expect(vectors.count('old')).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' })
})

test('a write that waited for its turn does not reach the collection that came after its own', async () => {
  await using vectors = await openEmbeddedVectors({ folder })
  await vectors.createCollection('items', SPEC)
  const many = Array.from({ length: 1000 }, (_, i) => item(`item-${i}`, {}, {}))
  const writing = vectors.upsert('items', many)
  const deleting = vectors.deleteCollection('items')
  await expect(writing).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' })
  await deleting
  await vectors.createCollection('items', SPEC)
  expect(await vectors.count('items')).toBe(0)
})

test('an index added later is part of the collection after a reopen', async () => {
  const indexes = { ...SPEC.indexes, colour: 'keyword' } as const
  {
    await using vectors = await openEmbeddedVectors({ folder })
    await vectors.createCollection('items', SPEC)
    await vectors.createCollection('items', { ...SPEC, indexes })
  }
  using database = new DatabaseSync(file)
  const row = database.prepare('SELECT spec FROM collections').get()
  expect(JSON.parse(String(row?.['spec']))).toEqual({ ...SPEC, indexes })
})

test('a process killed during upserts loses nothing that it acknowledged', async () => {
  let acknowledged = 0
  for (let kill = 0; kill < 6; kill++) {
    acknowledged = await upsertUntilKilled(acknowledged + 1, 3 + 7 * kill)
    await using vectors = await openEmbeddedVectors({ folder })
    const ids = Array.from({ length: 400 }, (_, i) => `item-${i}`)
    const points = await vectors.retrieve('items', ids)
    const versions = points.map((point) => point.version).sort((a, b) => a - b)
    const newest = versions.at(-1) ?? 0
    expect(newest).toBeGreaterThanOrEqual(acknowledged)
    // Each version went to the next of 400 ids, so what must be there are the newest 400 in a row.
    const expected = Math.min(400, newest)
    expect(versions).toEqual(Array.from({ length: expected }, (_, i) => newest - expected + 1 + i))
    for (const { version, vectors, payload } of points) {
      expect(vectors['text']).toEqual(new Float32Array(16).fill(version))
      expect(payload).toEqual({ brand: `brand ${version}` })
    }
    acknowledged = newest
  }
})

test('a second process or handle on the folder is refused until the first is closed', async () => {
  const first = await openEmbeddedVectors({ folder })
  await expect(openEmbeddedVectors({ folder })).rejects.toMatchObject({
    code: 'DATA_FOLDER_IN_USE',
    message: expect.stringContaining(file),
  })
  await first[Symbol.asyncDispose]()
  await using second = await openEmbeddedVectors({ folder })
  await second.ping()
})

test('a closed engine says so', async () => {
  const vectors = await openEmbeddedVectors({ folder })
  await vectors[Symbol.asyncDispose]()
  await vectors[Symbol.asyncDispose]()
  await expect(vectors.ping()).rejects.toMatchObject({ code: 'ENGINE_CLOSED', retriable: false })
  await expect(vectors.count('items')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
})

test('a file that is no database is called damaged and left as it is', async () => {
  await writeFile(file, 'these are not the points you are looking for '.repeat(100))
  const before = await readFile(file)
  await expect(openEmbeddedVectors({ folder })).rejects.toMatchObject({
    code: 'ENGINE_CORRUPT',
    message: expect.stringContaining(file),
  })
  expect(await readFile(file)).toEqual(before)
})

test('a file with overwritten pages is called damaged', async () => {
  await fill(200)
  const handle = await open(file, 'r+')
  const { size } = await handle.stat()
  await handle.write(Buffer.alloc(size - 4096 * 5, 0xa5), 0, undefined, 4096 * 5)
  await handle.close()
  await expect(openEmbeddedVectors({ folder })).rejects.toMatchObject({ code: 'ENGINE_CORRUPT' })
})

test.each([
  ["UPDATE points_1 SET vector_0 = x'0102'", 'vector text of point item-0 has not 3 values'],
  ["UPDATE points_1 SET payload = '{'", 'the payload of point item-0 is not JSON'],
  ["UPDATE collections SET spec = ''", 'the spec of collection items is not JSON'],
])('%s is found at open', async (sql, message) => {
  await fill(1)
  sqlite(sql)
  await expect(openEmbeddedVectors({ folder })).rejects.toMatchObject({
    code: 'ENGINE_CORRUPT',
    message: expect.stringContaining(message),
  })
})

test('a file of a newer format is refused', async () => {
  await fill(1)
  sqlite('PRAGMA user_version = 99')
  await expect(openEmbeddedVectors({ folder })).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining('newer'),
  })
})

test('a folder that cannot be made is named', async () => {
  await writeFile(join(folder, 'plain'), '')
  await expect(openEmbeddedVectors({ folder: join(folder, 'plain', 'x') })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('plain'),
  })
})

async function fill(points: number): Promise<void> {
  await using vectors = await openEmbeddedVectors({ folder })
  await vectors.createCollection('items', SPEC)
  const vector = { text: floats(1, 2, 3) }
  await vectors.upsert(
    'items',
    Array.from({ length: points }, (_, i) => item(`item-${i}`, vector, { brand: 'b'.repeat(200) })),
  )
}

function sqlite(sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

/** Resolves with the last version that the child acknowledged before it was killed. */
async function upsertUntilKilled(first: number, batches: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = 0
  let lines = 0
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    lines += 1
    if (lines === batches) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  return last
}

function floats(...values: readonly number[]): Float32Array {
  return Float32Array.from(values)
}

function item(id: string, vectors: Point['vectors'], payload: Point['payload']): Point {
  return { id, version: 1, vectors, payload }
}
