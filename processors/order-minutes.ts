import { window } from '#pipeline/processor.ts'
import { ORDER_PANES } from '#schemas/tables.ts'

/** Orders, units and revenue by minute and currency; refunds beside them, never netted. */
export const orderMinutes = window({
  name: 'order-minutes',
  into: ORDER_PANES,
  contributions(event) {
    switch (event.type) {
      case 'OrderPlaced': {
        let units = 0
        let revenue = 0
        for (const line of event.lines) {
          units += line.quantity
          revenue += line.quantity * line.unit_price_minor
        }
        return [
          { key: { currency: event.currency }, add: { orders: 1, units, revenue_minor: revenue } },
        ]
      }
      case 'OrderRefunded':
        return [
          {
            key: { currency: event.currency },
            add: { refunds: 1, refunded_minor: event.amount_minor },
          },
        ]
      default:
        return []
    }
  },
})
