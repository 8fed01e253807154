import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startQdrantStandIn } from '#dev/stand-ins/qdrant/start-qdrant-stand-in.ts'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openHashingModel } from '#engines/models/hashing-model.fixture.ts'
import type { TextModel } from '#engines/models/port.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import { openQdrantVectors } from '#engines/vectors/qdrant/qdrant-vectors.ts'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import { openItems } from '#items/collections.ts'
import { itemText } from '#items/points.ts'
import { reindex } from '#items/reindex/reindex.ts'
import { catchUp } from '#items/reindex/rollback.ts'
import type { ClassifiedEvent, Projections } from '#pipeline/processor.ts'
import { testEvent } from '#pipeline/test-driver.fixture.ts'
import { catalogueProjection } from '#processors/catalogue-projection.ts'
import { ITEMS_TEXT, TEXT_VECTOR } from '#schemas/vectors.ts'

const logger = pino({ level: 'silent' })
const PRODUCTS = 3_000
const SEED = Date.now() % 1_000_000
const TIME = Date.UTC(2026, 10, 22)

/** The shop's own list of what it sells, and the processor that is told of every change. */
class LiveCatalogue {
  readonly titles = new Map<string, string>()
  readonly #random: SeededRandom
  readonly #engines: Projections
  #offset = 0

  constructor(seed: number, engines: Projections) {
    this.#random = new SeededRandom(seed)
    this.#engines = engines
  }

  /** Applies changes of some products as one batch of the processor: new titles, new prices, removals. */
  async change(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => this.#event(this.#random.below(PRODUCTS)))
    await catalogueProjection.apply(events, this.#engines)
  }

  async fill(): Promise<void> {
    const events = Array.from({ length: PRODUCTS }, (_, i) => this.#event(i, false))
    await catalogueProjection.apply(events, this.#engines)
  }

  #event(product: number, mayRemove = true): ClassifiedEvent {
    const product_id = `p${product}`
    const offset = this.#offset++
    const header = { event_id: `e${offset}`, event_time: TIME, product_id }
    const isRemoved = mayRemove && this.#random.chance(0.4)
    const title = `Thing ${this.#random.below(50)} of ${product}`
    if (isRemoved) this.titles.delete(product_id)
    else this.titles.set(product_id, title)
    const described = {
      title,
      category: ['c'],
      price_minor: offset,
      currency: 'EUR',
      brand: null,
      description: null,
    }
    const event = isRemoved
      ? testEvent('ProductRemoved', header)
      : testEvent('ProductUpserted', { ...header, ...described, stock: null, image_url: null })
    const flags = { clamped: false, dup: false, late: false }
    return { event, topic: 'commerce.products', partition: 0, offset, time: TIME, ...flags }
  }
}

async function shop(vectorsIn: 'this process' | 'Qdrant (stand-in)') {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-live-reindex-'))
  const opened = new AsyncDisposableStack()
  onTestFinished(async () => {
    await opened.disposeAsync()
    await rm(folder, { recursive: true })
  })
  const tables = opened.use(await openEmbeddedTables({ folder: join(folder, 'tables') }))
  await tables.migrate(await loadMigrations(new URL('../../schemas/tables/', import.meta.url)))
  const vectorFolder = { folder: join(folder, 'vectors') }
  const vectors =
    vectorsIn === 'this process'
      ? opened.use(await openEmbeddedVectors(vectorFolder))
      : opened.use(
          await openQdrantVectors({
            url: opened.use(await startQdrantStandIn(vectorFolder)).url,
            logger,
          }),
        )
  const cache = opened.use(openEmbeddedCache({ maxEntries: 10, clock: systemClock }))
  return { tables, vectors, cache, clock: systemClock }
}

/** Has products change all the time while the work goes on, and a little longer. */
async function whileChanging<T>(live: LiveCatalogue, work: () => Promise<T>): Promise<T> {
  let isWorking = true
  const changing = (async () => {
    while (isWorking) {
      await live.change(40)
      await sleep(5)
    }
    await live.change(40)
  })()
  try {
    return await work()
  } finally {
    isWorking = false
    await changing
  }
}

test.each([
  ['of the same model, which write to both collections', false, 'this process'],
  ['of the old model, which is caught up with when they have stopped', true, 'this process'],
  ['of the same model, which write to both collections', false, 'Qdrant (stand-in)'],
] as const)(
  `nothing is lost and nothing comes back beside processors %s (seed ${SEED}; another model: %s; vectors in %s)`,
  async (_, isOther, vectorsIn) => {
    const engines = await shop(vectorsIn)
    const old = await openHashingModel({ dimensions: 64 })
    const model = isOther ? await openHashingModel({ dimensions: 48 }) : old
    await openItems(engines.vectors, old)
    const live = new LiveCatalogue(SEED, { ...engines, model: old })
    await live.fill()
    const options = { engines: { ...engines, model }, logger }
    const report = await whileChanging(live, () => reindex(options))
    expect(report.verification.failures).toEqual([])
    expect(report.swapped).toBe(true)
    const { behind, ...rest } = await catchUp(options)
    expect(behind).toBe(0)
    expect(rest.embedded + rest.reused + rest.removed > 0).toBe(isOther)
    const ids = Array.from({ length: PRODUCTS }, (_, i) => `p${i}`)
    const points = await engines.vectors.retrieve(ITEMS_TEXT, ids)
    expect(points.map(({ id }) => id).sort()).toEqual([...live.titles.keys()].sort())
    expect(await wrong(points, live.titles, model)).toEqual([])
  },
)

/** The points whose vector is not that of the title. */
async function wrong(
  points: readonly {
    readonly id: string
    readonly vectors: Readonly<Record<string, Float32Array>>
  }[],
  titles: ReadonlyMap<string, string>,
  model: TextModel,
) {
  const text = (id: string) =>
    itemText({ product_id: id, title: titles.get(id) ?? '', category: ['c'], price_minor: 0 })
  const fresh = await model.embed(points.map(({ id }) => text(id)))
  return points.filter(({ vectors }, i) => {
    const likeness = fresh[i]?.reduce((sum, x, d) => sum + x * (vectors[TEXT_VECTOR]?.[d] ?? 0), 0)
    return (likeness ?? 0) < 0.9999
  })
}
