import { CURRENCY, eventSchema, PRODUCT_ID, QUANTITY, UNIT_PRICE } from './header.ts'

const RECOMMENDATION_ID = {
  name: 'recommendation_id',
  type: 'string',
  minLength: 1,
  maxLength: 128,
} as const

export const ProductViewed = eventSchema('ProductViewed', 'Somebody looked at a product.', [
  PRODUCT_ID,
])

export const ProductSearched = eventSchema('ProductSearched', 'Somebody searched the shop.', [
  { name: 'query', type: 'string', maxLength: 1_000 },
  { name: 'results', type: ['null', 'int'], default: null, minimum: 0, maximum: 2_147_483_647 },
])

export const CartItemAdded = eventSchema('CartItemAdded', 'A product went into a cart.', [
  PRODUCT_ID,
  QUANTITY,
  UNIT_PRICE,
  CURRENCY,
])

export const CartItemRemoved = eventSchema(
  'CartItemRemoved',
  'A product was taken out of a cart.',
  [PRODUCT_ID, QUANTITY],
)

export const CheckoutStarted = eventSchema('CheckoutStarted', 'A customer went to the till.', [
  { name: 'cart_id', type: ['null', 'string'], default: null, minLength: 1, maxLength: 128 },
])

export const RecommendationsShown = eventSchema(
  'RecommendationsShown',
  'A list of recommendations was seen.',
  [
    RECOMMENDATION_ID,
    {
      name: 'product_ids',
      type: { type: 'array', items: 'string' },
      minItems: 1,
      maxItems: 200,
      minLength: 1,
      maxLength: 128,
      doc: 'In the order shown.',
    },
  ],
)

export const RecommendationClicked = eventSchema(
  'RecommendationClicked',
  'A recommended product was chosen.',
  [RECOMMENDATION_ID, PRODUCT_ID],
)
