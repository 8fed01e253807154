import type { ClassifiedEvent } from '#pipeline/processor.ts'
import type { EventOf } from '#schemas/events.ts'

/** What a batch says of one product in the end: its last description, and whether it was removed after that. */
export interface ProductChange {
  readonly product_id: string
  readonly product: EventOf<'ProductUpserted'> | undefined
  readonly removed: boolean
  /** Event time and offset of the last event. */
  readonly time: number
  readonly offset: number
}

/** The changes of a batch, one a product. */
export function changesByProduct(events: readonly ClassifiedEvent[]): readonly ProductChange[] {
  const changes = new Map<string, ProductChange>()
  for (const { event, offset, time } of events) {
    if (event.type !== 'ProductUpserted' && event.type !== 'ProductRemoved') continue
    const { product_id } = event
    const removed = event.type === 'ProductRemoved'
    const product = removed ? changes.get(product_id)?.product : event
    changes.set(product_id, { product_id, product, removed, time, offset })
  }
  return [...changes.values()]
}
