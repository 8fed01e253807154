import { window } from '#pipeline/processor.ts'
import { PRODUCT_PANES } from '#schemas/tables.ts'

/** Views, additions to carts and purchases by minute and product; a purchase is one line of an order. */
export const productMinutes = window({
  name: 'product-minutes',
  into: PRODUCT_PANES,
  contributions(event) {
    switch (event.type) {
      case 'ProductViewed':
        return [{ key: { product_id: event.product_id, currency: '' }, add: { views: 1 } }]
      case 'CartItemAdded':
        return [{ key: { product_id: event.product_id, currency: '' }, add: { carts: 1 } }]
      case 'OrderPlaced':
        return event.lines.map((line) => ({
          key: { product_id: line.product_id, currency: event.currency },
          add: {
            purchases: 1,
            units: line.quantity,
            revenue_minor: line.quantity * line.unit_price_minor,
          },
        }))
      default:
        return []
    }
  },
})
