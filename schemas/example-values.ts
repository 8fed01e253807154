/** One value for every field that an event has: the events that are published as golden bytes are made of these. */
export const EXAMPLE_VALUES: Readonly<Record<string, unknown>> = {
  event_id: '01932b5e-7d00-7000-8000-0000000000e1',
  event_time: Date.UTC(2026, 10, 22, 9, 30, 0, 125),
  sent_at: Date.UTC(2026, 10, 22, 9, 30, 1, 250),
  received_at: Date.UTC(2026, 10, 22, 9, 30, 1, 375),
  source: 'shop',
  user_id: 'user-17',
  anonymous_id: 'visitor-4711',
  session_id: 'session-42',

  product_id: 'teapot-🫖',
  title: 'Teapot “Größe S”',
  category: ['Kitchen', 'Tea'],
  price_minor: 2_499,
  currency: 'GBP',
  brand: 'Brown Betty',
  description: 'Holds two cups.',
  stock: 3_000_000_000,
  image_url: 'https://shop.example/teapot.jpg',

  country: 'GB',

  order_id: 'order-1001',
  lines: [
    { product_id: 'teapot-🫖', quantity: 1, unit_price_minor: 2_499 },
    { product_id: 'cup', quantity: 6, unit_price_minor: 350 },
  ],
  reason: 'stock',
  amount_minor: 900_719_925_474,

  query: 'tea for two',
  results: 12,
  cart_id: 'cart-5',
  quantity: 2,
  unit_price_minor: 350,
  recommendation_id: 'recommendation-9',
  product_ids: ['cup', 'teapot-🫖'],
}
