import { decimalsOf } from '#schemas/currencies.ts'
import type { CommerceEvent, EventOf } from '#schemas/events.ts'
import { DatasetError } from './dataset-error.ts'
import type { DatasetRow } from './dataset-row.ts'

/** An event on its way in: ingest stamps `received_at`. */
export type Unreceived<E> = E extends CommerceEvent ? Omit<E, 'received_at'> : never

export type OrderLine = EventOf<'OrderPlaced'>['lines'][number]

export interface ToEventsOptions {
  /** ISO 4217; what the file's prices are in. */
  readonly currency: string
}

/** What the events say of where they come from. */
export const DATASET_SOURCE = 'dataset'

type Order = Unreceived<EventOf<'OrderPlaced'>>

/**
 * The rows as events: views, carts, and one OrderPlaced for all purchase rows with the same session and time (its
 * event id is the first row's; its order id the session's, with the time added from the session's second order on).
 * Ratings are no events of a shop and are left out. Deterministic: the same file always gives the same ids.
 * @throws DatasetError for a price that the currency cannot hold
 */
export async function* toEvents(
  rows: AsyncIterable<DatasetRow>,
  options: ToEventsOptions,
): AsyncGenerator<Unreceived<CommerceEvent>> {
  const sessionsWithOrder = new Set<string>()
  // All events of one instant; its orders are still open, because their rows may be apart.
  let instant = Number.NaN
  let events: Unreceived<CommerceEvent>[] = []
  let orders = new Map<string, Order>()

  for await (const row of rows) {
    if (row.ts !== instant) {
      yield* events
      instant = row.ts
      events = []
      orders = new Map()
    }
    const open = row.type === 'purchase' ? orders.get(row.sessionId ?? row.eventId) : undefined
    if (open !== undefined) {
      open.lines.push(orderLine(row, options.currency))
      continue
    }
    const event = toEvent(row, options)
    if (event === undefined) continue
    if (event.type === 'OrderPlaced') {
      const session = row.sessionId ?? row.eventId
      if (sessionsWithOrder.has(session))
        event.order_id = `${session}-${new Date(row.ts).toISOString()}`
      sessionsWithOrder.add(session)
      orders.set(session, event)
    }
    events.push(event)
  }
  yield* events
}

/** One row as an event of its own, a purchase as an order of one line; undefined for a rating. @throws DatasetError */
export function toEvent(
  row: DatasetRow,
  { currency }: ToEventsOptions,
): Unreceived<CommerceEvent> | undefined {
  const header = {
    event_id: row.eventId,
    event_time: row.ts,
    sent_at: null,
    source: DATASET_SOURCE,
    user_id: row.userId,
    // A guest is known by the session alone.
    anonymous_id: row.userId === null ? row.sessionId : null,
    session_id: row.sessionId,
  }
  switch (row.type) {
    case 'view':
      return { type: 'ProductViewed', ...header, product_id: row.itemId }
    case 'cart':
      return { type: 'CartItemAdded', ...header, ...orderLine(row, currency), currency }
    case 'purchase': {
      const lines = [orderLine(row, currency)]
      const order_id = row.sessionId ?? row.eventId
      return { type: 'OrderPlaced', ...header, order_id, currency, lines }
    }
    case 'rating':
      return undefined
  }
}

/** An unknown price counts as 0 and an unknown quantity as 1. */
function orderLine(row: DatasetRow, currency: string): OrderLine {
  return {
    product_id: row.itemId,
    quantity: row.quantity ?? 1,
    unit_price_minor: priceMinor(row, currency),
  }
}

/** The price of a row or product in minor units, 0 when unknown. @throws DatasetError */
export function priceMinor(
  row: { readonly price: string | null; readonly file: string; readonly line: number },
  currency: string,
): number {
  if (row.price === null) return 0
  const minor = toMinorUnits(row.price, currency)
  if (minor !== undefined) return minor
  throw new DatasetError(
    row.file,
    row.line,
    `price ${row.price} has more decimals than ${currency} has; round it or name another currency`,
  )
}

/**
 * A decimal of major units ("12.5") as an integer of minor units (1250), exactly: the digits are moved, never
 * multiplied. Undefined when the currency has no such fraction ("0.005" GBP) or the number leaves the safe integers.
 */
export function toMinorUnits(decimal: string, currency: string): number | undefined {
  const decimals = decimalsOf(currency)
  const [whole = '', fraction = ''] = decimal.split('.')
  if (/[1-9]/.test(fraction.slice(decimals))) return undefined
  const minor = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return Number.isSafeInteger(minor) ? minor : undefined
}
