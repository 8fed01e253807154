import {
  CURRENCY,
  eventSchema,
  ORDER_ID,
  ORDER_TOTAL_MAX,
  PRODUCT_ID,
  QUANTITY,
  UNIT_PRICE,
} from './header.ts'

export const OrderPlaced = eventSchema('OrderPlaced', 'A customer bought.', [
  ORDER_ID,
  CURRENCY,
  {
    name: 'lines',
    type: {
      type: 'array',
      items: { type: 'record', name: 'OrderLine', fields: [PRODUCT_ID, QUANTITY, UNIT_PRICE] },
    },
    minItems: 1,
    maxItems: 5_000,
  },
])

export const OrderPaid = eventSchema('OrderPaid', 'The payment of an order arrived.', [ORDER_ID])
export const OrderShipped = eventSchema('OrderShipped', 'An order left the warehouse.', [ORDER_ID])

export const OrderCancelled = eventSchema('OrderCancelled', 'An order was called off.', [
  ORDER_ID,
  {
    name: 'reason',
    type: {
      type: 'enum',
      name: 'CancelReason',
      symbols: ['unknown', 'customer', 'payment', 'stock', 'fraud'],
      default: 'unknown',
    },
    default: 'unknown',
  },
])

export const OrderRefunded = eventSchema('OrderRefunded', 'Money went back to the customer.', [
  ORDER_ID,
  CURRENCY,
  { name: 'amount_minor', type: 'long', minimum: 0, maximum: ORDER_TOTAL_MAX },
])
