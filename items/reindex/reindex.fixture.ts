import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import type { Cache } from '#engines/cache/port.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openHashingModel } from '#engines/models/hashing-model.fixture.ts'
import type { TextModel } from '#engines/models/port.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import type { Tables } from '#engines/tables/port.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import { CATALOGUE } from '#schemas/tables.ts'
import { writableCollections } from '../collections.ts'
import { itemPoints } from '../points.ts'

/** A shop of engines and a catalogue, changed the way that the processor changes it. */
export interface Shop extends AsyncDisposable {
  readonly tables: Tables
  readonly vectors: Vectors
  readonly cache: Cache
  /** New titles, or null to remove; as events of increasing offset. Rows only, or the vectors of a model too. */
  change(titles: Readonly<Record<string, string | null>>, model?: TextModel): Promise<void>
  /** Forgets all products and collections. */
  clear(): Promise<void>
}

export async function openShop(): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-reindex-'))
  const opened = new AsyncDisposableStack()
  opened.defer(() => rm(folder, { recursive: true }))
  const tables = opened.use(await openEmbeddedTables({ folder: join(folder, 'tables') }))
  await tables.migrate(await loadMigrations(new URL('../../schemas/tables/', import.meta.url)))
  const cache = opened.use(openEmbeddedCache({ maxEntries: 100, clock: systemClock }))
  const stores: Vectors[] = []
  const openVectors = async () => {
    stores.push(
      opened.use(await openEmbeddedVectors({ folder: join(folder, `vectors-${stores.length}`) })),
    )
  }
  await openVectors()
  const vectors = () => stores.at(-1) as Vectors
  let offset = 0
  return {
    tables,
    cache,
    get vectors() {
      return vectors()
    },
    async change(titles, model) {
      const changed = Object.entries(titles).map(([id, title]) => rowOf(id, title, offset++))
      await tables.insert(CATALOGUE, changed)
      if (model === undefined) return
      for (const collection of await writableCollections(vectors(), model.space)) {
        const gone = changed.filter((row) => row.removed === 1)
        const points = gone.map(({ product_id: id, ver }) => ({ id, version: ver }))
        await vectors().delete(collection, { points })
        const kept = changed.filter((row) => row.removed === 0)
        const items = kept.map((item) => ({ item, version: item.ver }))
        await vectors().upsert(collection, (await itemPoints(items, [], model)).points)
      }
    },
    async clear() {
      await tables.command(`TRUNCATE TABLE ${CATALOGUE.name}`)
      await openVectors()
      offset = 0
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

function rowOf(product_id: string, title: string | null, ver: number) {
  const described = { product_id, title: title ?? '', category: ['garden', 'tools'], brand: 'Acme' }
  const price = { price_minor: 100 + ver, currency: 'GBP', stock: null }
  const removed = title === null ? 1 : 0
  return { ...described, ...price, description: '', image_url: '', updated_at: 0, removed, ver }
}

export interface WatchedModel extends TextModel {
  /** Texts embedded so far. */
  readonly embedded: number
}

/** A hashing model; before it embeds, what a test wants to happen then. */
export async function watchedModel(
  dimensions: number,
  whileEmbedding: (texts: readonly string[]) => Promise<void> = async () => undefined,
): Promise<WatchedModel> {
  const hashing = await openHashingModel({ dimensions })
  let embedded = 0
  return {
    space: hashing.space,
    dimensions,
    get embedded() {
      return embedded
    },
    async embed(texts, signal) {
      await whileEmbedding(texts)
      embedded += texts.length
      return hashing.embed(texts, signal)
    },
    [Symbol.asyncDispose]: () => hashing[Symbol.asyncDispose](),
  }
}
