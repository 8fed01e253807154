import type { Logger } from 'pino'
import { askRows } from '#app/ask-sql.ts'
import { readDatasetCatalogue } from '#datasets/read-dataset-catalogue.ts'
import { toProductEvents } from '#datasets/to-product-events.ts'
import type { Clock } from '#engines/clock/port.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { sendEvents } from '#ingest/client/send-events.ts'
import { DEMO } from '#ingest/demo.ts'
import type { Recommend } from '#ingest/simulator/recommendation-visitor.ts'
import type { ShopProduct } from '#ingest/simulator/shelves.ts'
import { simulateShop } from '#ingest/simulator/simulate-shop.ts'
import { UserRecommendations } from '#schemas/http/recommendations.ts'
import type { Addresses } from './demo-shop.ts'

/** Enough to watch, and little load. */
export const EVENTS_PER_SECOND = 12
const SEED = 20_261_122
const PEOPLE_MAX = 2_000

interface SimulatorOptions extends Addresses {
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Keeps a simulated shop trading through the HTTP interface until the signal aborts. */
export async function runSimulator(options: SimulatorOptions): Promise<void> {
  const { ingestUrl, serveUrl, clock, logger, signal } = options
  const client = new EventClient({ url: ingestUrl, clock, gzip: false })
  const products = await shelves(options, client)
  const userIds = await people(serveUrl)
  const shop = simulateShop({
    seed: SEED,
    products,
    ratePerSecond: EVENTS_PER_SECOND,
    clock,
    signal,
    recommend: recommendFrom(serveUrl, logger),
    ...(userIds.length > 0 && { userIds }),
  })
  for await (const events of shop) await sendEvents(events, { client, clock, signal })
}

/** What the shop sells: the catalogue of this instance, or the demo's, sent now, when there is none yet. */
async function shelves(
  { serveUrl, clock, signal }: SimulatorOptions,
  client: EventClient,
): Promise<ShopProduct[]> {
  const known = await askRows<{
    product_id: string
    title: string
    category: string[]
    price_minor: string
    currency: string
  }>(
    serveUrl,
    'SELECT product_id, title, category, price_minor, currency FROM products ORDER BY product_id LIMIT 20000',
  )
  if (known.length > 0)
    return known.map((row) => ({ ...row, price_minor: Number(row.price_minor) }))
  const rows = readDatasetCatalogue(DEMO.catalogue ?? '')
  const events = await Array.fromAsync(
    toProductEvents(rows, { currency: DEMO.currency, eventTime: clock.now() }),
  )
  await sendEvents(events, { client, clock, signal })
  return events.filter((event) => event.type === 'ProductUpserted')
}

/** Customers that exist already, so that the simulated ones have a history. */
async function people(serveUrl: string): Promise<string[]> {
  const rows = await askRows<{ user_id: string }>(
    serveUrl,
    `SELECT DISTINCT user_id FROM events WHERE user_id != '' AND type = 'OrderPlaced' ORDER BY user_id LIMIT ${PEOPLE_MAX}`,
  )
  return rows.map((row) => row.user_id)
}

function recommendFrom(url: string, logger: Logger): Recommend {
  return async (userId, signal) => {
    try {
      const answer = await fetch(`${url}/v1/recommendations/users/${encodeURIComponent(userId)}`, {
        signal,
      })
      const list = UserRecommendations.parse(await answer.json())
      return {
        recommendation_id: list.recommendation_id,
        product_ids: list.items.map((item) => item.product_id),
      }
    } catch (error) {
      logger.debug({ err: error }, 'the simulator got no recommendations')
      return undefined
    }
  }
}
