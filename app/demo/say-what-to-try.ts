import { askRows } from '#app/ask-sql.ts'

/** Tells a newcomer where to look, on standard error. */
export async function sayWhatToTry(serveUrl: string): Promise<void> {
  const [buyer] = await askRows<{ user_id: string }>(
    serveUrl,
    `SELECT user_id FROM events WHERE type = 'OrderPlaced' AND user_id != '' ORDER BY event_time DESC LIMIT 1`,
  )
  const user = encodeURIComponent(buyer?.user_id ?? 'you')
  process.stderr.write(`
  The live page    ${serveUrl}/
  For a customer   curl '${serveUrl}/v1/recommendations/users/${user}?limit=5'
  What moves now   curl '${serveUrl}/v1/products/trending?window=24h&limit=5'
  Money by minute  curl '${serveUrl}/v1/trends/revenue?interval=1m'

  Ctrl-C stops it.
`)
}
