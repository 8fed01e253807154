import { setInterval } from 'node:timers/promises'
import { systemClock } from '#engines/clock/system-clock.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { UserRecommendations } from '#schemas/http/recommendations.ts'
import { percentiles } from './figures.ts'
import { InstanceProcess } from './instance-process.ts'

const POLL_MS = 10
const PAUSE_MS = 100

/**
 * With the demo loaded and the simulator running: from sending a view over HTTP until the product's row of this minute
 * has it, and until that person's own recommendations name it as evidence. Milliseconds, polled every 10.
 */
export async function measureFreshness({ samples }: { readonly samples: number }) {
  await using instance = await InstanceProcess.start()
  const client = new EventClient({ url: instance.url, clock: systemClock, gzip: false })
  const products = await instance.sql<{ product_id: string }>(
    `SELECT product_id FROM order_lines GROUP BY product_id ORDER BY count() DESC, product_id LIMIT ${samples}`,
  )
  const trend: number[] = []
  const own: number[] = []
  for (const [i, { product_id }] of products.entries()) {
    const person = `freshness-${i}`
    const views = () => viewsOf(instance, product_id)
    const before = await views()
    const sentAt = performance.now()
    await client.send([view(product_id, person)])
    await Promise.all([
      until(async () => (await views()) > before).then(() =>
        trend.push(performance.now() - sentAt),
      ),
      until(() => knows(instance.url, person, product_id)).then(() =>
        own.push(performance.now() - sentAt),
      ),
    ])
    await systemClock.sleep(PAUSE_MS)
  }
  return {
    trend_row_ms: percentiles(trend),
    own_recommendations_ms: percentiles(own),
    samples: products.length,
  }
}

function view(product_id: string, user_id: string) {
  const header = {
    event_id: null,
    event_time: null,
    sent_at: null,
    source: 'bench',
    anonymous_id: null,
    session_id: null,
  }
  return { type: 'ProductViewed', ...header, user_id, product_id } as const
}

async function viewsOf(instance: InstanceProcess, productId: string): Promise<number> {
  const [row] = await instance.sql<{ views: string }>(
    `SELECT sum(views) AS views FROM product_minutes WHERE product_id = '${productId}' AND minute >= now() - 600`,
  )
  return Number(row?.views ?? 0)
}

async function knows(url: string, person: string, productId: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/recommendations/users/${person}`)
  const { items } = UserRecommendations.parse(await answer.json())
  return items.some((item) => item.reasons.some((reason) => reason.evidence.includes(productId)))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for await (const _ of setInterval(POLL_MS)) if (await isSo()) return
}
