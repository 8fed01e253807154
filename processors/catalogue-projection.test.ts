import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHashingModel } from '#engines/models/hashing-model.fixture.ts'
import type { TextModel } from '#engines/models/port.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import { itemsSpec, openItems } from '#items/collections.ts'
import type { ClassifiedEvent, Projections } from '#pipeline/processor.ts'
import { testEvent } from '#pipeline/test-driver.fixture.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { ITEMS_TEXT, ITEMS_TEXT_NEXT, itemsCollection, TEXT_VECTOR } from '#schemas/vectors.ts'
import { catalogueProjection } from './catalogue-projection.ts'

let folder: string
let embedded = 0
let engines: Projections
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalogue-'))
  const tables = opened.use(await openEmbeddedTables({ folder: join(folder, 'tables') }))
  await tables.migrate(await loadMigrations(new URL('../schemas/tables/', import.meta.url)))
  const vectors = opened.use(await openEmbeddedVectors({ folder: join(folder, 'vectors') }))
  const hashing = opened.use(await openHashingModel({}))
  const model: TextModel = {
    space: hashing.space,
    dimensions: hashing.dimensions,
    embed(texts) {
      embedded += texts.length
      return hashing.embed(texts)
    },
    [Symbol.asyncDispose]: () => hashing[Symbol.asyncDispose](),
  }
  await openItems(vectors, model)
  engines = { tables, vectors, model }
})

afterAll(async () => {
  await opened.disposeAsync()
  await rm(folder, { recursive: true })
})

const upsert = (product_id: string, title: string, price_minor = 100) =>
  testEvent('ProductUpserted', {
    event_id: `${product_id} ${title} ${price_minor}`,
    event_time: 1_700_000_000_000,
    product_id,
    title,
    category: ['garden', 'tools'],
    price_minor,
    currency: 'GBP',
    brand: null,
    description: null,
    stock: 3,
    image_url: null,
  })
const remove = (product_id: string) =>
  testEvent('ProductRemoved', {
    event_id: `gone ${product_id}`,
    event_time: 1_700_000_000_000,
    product_id,
  })

const at = (offset: number, ...events: readonly CommerceEvent[]): ClassifiedEvent[] =>
  events.map((event, i) => ({
    event,
    topic: 'commerce.products',
    partition: 0,
    offset: offset + i,
    time: event.event_time,
    clamped: false,
    dup: false,
    late: false,
  }))

const point = async (id: string, collection = ITEMS_TEXT) =>
  (await engines.vectors.retrieve(collection, [id]))[0]

async function someVector(text: string) {
  const [vector = new Float32Array()] = await engines.model.embed([text])
  return { vectors: { [TEXT_VECTOR]: vector }, payload: {} }
}

test('the last description in a batch is the row and the vector', async () => {
  await catalogueProjection.apply(
    at(0, upsert('p1', 'Spade'), upsert('p1', 'Blue spade', 250)),
    engines,
  )
  expect(
    await engines.tables.query("SELECT * FROM products WHERE product_id = 'p1'"),
  ).toMatchObject([
    {
      title: 'Blue spade',
      category: ['garden', 'tools'],
      price_minor: '250',
      stock: '3',
      brand: '',
    },
  ])
  expect((await point('p1'))?.payload).toMatchObject({
    category: ['garden', 'tools'],
    price_minor: 250,
  })
})

test('a new price costs no inference, a new title does', async () => {
  await catalogueProjection.apply(at(10, upsert('p2', 'Rake')), engines)
  const before = embedded
  await catalogueProjection.apply(at(11, upsert('p2', 'Rake', 999)), engines)
  expect(embedded).toBe(before)
  expect((await point('p2'))?.payload['price_minor']).toBe(999)
  await catalogueProjection.apply(at(12, upsert('p2', 'Red rake', 999)), engines)
  expect(embedded).toBe(before + 1)
})

test('a removed product leaves the view and the vectors but keeps its description', async () => {
  await catalogueProjection.apply(at(20, upsert('p3', 'Hose')), engines)
  await catalogueProjection.apply(at(21, remove('p3')), engines)
  expect(await engines.tables.query("SELECT * FROM products WHERE product_id = 'p3'")).toEqual([])
  const rows = await engines.tables.query(
    "SELECT title, category, removed FROM catalogue FINAL WHERE product_id = 'p3'",
  )
  expect(rows).toEqual([{ title: 'Hose', category: ['garden', 'tools'], removed: 1 }])
  expect(await point('p3')).toBeUndefined()
})

test('an older batch that comes again changes nothing', async () => {
  await catalogueProjection.apply(at(30, upsert('p4', 'Old pot')), engines)
  await catalogueProjection.apply(at(31, upsert('p4', 'New pot')), engines)
  await catalogueProjection.apply(at(30, upsert('p4', 'Old pot')), engines)
  expect(await engines.tables.query("SELECT title FROM products WHERE product_id = 'p4'")).toEqual([
    { title: 'New pot' },
  ])
  expect((await point('p4'))?.version).toBe(31)
})

test.each([
  ['in order and again', [0, 1, 2, 0, 1, 2]],
  ['the last first', [2, 1, 0]],
  ['the first of a paused process last', [1, 2, 0]],
  ['the removal last', [0, 2, 1]],
])('batches of a product that come %s leave what the newest says', async (name, order) => {
  const [back, gone] = [`back ${name}`, `gone ${name}`]
  const history = [
    [upsert(back, 'Old fork'), upsert(gone, 'Old fork')],
    [remove(back), upsert(gone, 'New fork')],
    [upsert(back, 'New fork'), remove(gone)],
  ]
  for (const i of order)
    await catalogueProjection.apply(at(100 + 10 * i, ...(history[i] ?? [])), engines)
  expect(
    await engines.tables.query(
      `SELECT product_id, title FROM products WHERE endsWith(product_id, '${name}')`,
    ),
  ).toEqual([{ product_id: back, title: 'New fork' }])
  expect((await point(back))?.version).toBe(120)
  expect(await point(gone)).toBeUndefined()
})

test('the removal of a product that nobody described is kept too', async () => {
  await catalogueProjection.apply(at(40, remove('unknown')), engines)
  expect(
    await engines.tables.query(
      "SELECT removed, ver FROM catalogue FINAL WHERE product_id = 'unknown'",
    ),
  ).toEqual([{ removed: 1, ver: '40' }])
})

test('while a reindex is at work its collection is written too, with one inference for both', async () => {
  const { vectors, model } = engines
  const next = itemsCollection(model.space, 2)
  await vectors.createCollection(next, itemsSpec(model))
  await vectors.setAlias(ITEMS_TEXT_NEXT, next)
  const before = embedded
  await catalogueProjection.apply(at(50, upsert('p5', 'Bench')), engines)
  expect(embedded).toBe(before + 1)
  expect(await point('p5', next)).toEqual(await point('p5'))
  await catalogueProjection.apply(at(51, remove('p5')), engines)
  expect(await point('p5', next)).toBeUndefined()
  // What reads an old row late brings nothing back.
  await vectors.upsert(next, [{ ...(await someVector('Bench')), id: 'p5', version: 50 }])
  expect(await point('p5', next)).toBeUndefined()
})

test('vectors of another model are never mixed in: its rows are stored, its vectors wait for a reindex', async () => {
  const other = { ...engines.model, space: 'other.1.fp32.d384.t1' }
  await catalogueProjection.apply(at(60, upsert('p6', 'Table')), { ...engines, model: other })
  expect(await engines.tables.query("SELECT title FROM products WHERE product_id = 'p6'")).toEqual([
    { title: 'Table' },
  ])
  expect(await point('p6')).toBeUndefined()
})
