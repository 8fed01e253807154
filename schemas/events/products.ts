import { CURRENCY, eventSchema, PRODUCT_ID } from './header.ts'

export const ProductUpserted = eventSchema(
  'ProductUpserted',
  'A product was added or changed: the whole of it.',
  [
    PRODUCT_ID,
    { name: 'title', type: 'string', maxLength: 1_000 },
    {
      name: 'category',
      type: { type: 'array', items: 'string' },
      default: [],
      maxItems: 20,
      maxLength: 200,
      doc: 'From the widest to the narrowest.',
    },
    { name: 'price_minor', type: 'long', minimum: 0, maximum: 1e12 },
    CURRENCY,
    { name: 'brand', type: ['null', 'string'], default: null, maxLength: 200 },
    { name: 'description', type: ['null', 'string'], default: null, maxLength: 20_000 },
    {
      name: 'stock',
      type: ['null', 'long'],
      default: null,
      minimum: 0,
      maximum: 1e12,
      doc: 'Null: not tracked.',
    },
    { name: 'image_url', type: ['null', 'string'], default: null, maxLength: 2_000 },
  ],
)

export const ProductRemoved = eventSchema('ProductRemoved', 'A product left the catalogue.', [
  PRODUCT_ID,
])
