import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CATALOGUE,
  DEAD_LETTERS,
  ORDER_PANES,
  PRODUCT_PANES,
  RAW_EVENTS,
  type Row,
  TABLES,
  WATERMARKS,
} from '#schemas/tables.ts'
import { loadMigrations } from './migrations.ts'
import type { Tables } from './port.ts'

const MINUTE = Date.UTC(2026, 0, 2, 3, 4)
const MIGRATIONS = await loadMigrations(new URL('../../schemas/tables/', import.meta.url))

function rawEvent(offset: number, fields: Partial<Row<typeof RAW_EVENTS>>): Row<typeof RAW_EVENTS> {
  return {
    event_id: `e-${offset}`,
    type: 'OrderPlaced',
    event_time: MINUTE,
    received_at: MINUTE,
    source: 'test',
    user_id: 'u-1',
    anonymous_id: '',
    session_id: '',
    product_id: '',
    order_id: `o-${offset}`,
    payload: '{}',
    dup: 0,
    late: 0,
    clamped: 0,
    _topic: 'commerce.orders',
    _partition: 0,
    _offset: offset,
    ...fields,
  }
}

function productPane(fields: Partial<Row<typeof PRODUCT_PANES>>): Row<typeof PRODUCT_PANES> {
  return {
    minute: MINUTE,
    _topic: 'commerce.orders',
    _partition: 0,
    ver: 1,
    received_at: MINUTE,
    product_id: 'p-1',
    currency: 'EUR',
    views: 0,
    carts: 0,
    purchases: 1,
    units: 1,
    revenue_minor: 100,
    ...fields,
  }
}

function orderPane(fields: Partial<Row<typeof ORDER_PANES>>): Row<typeof ORDER_PANES> {
  return {
    minute: MINUTE,
    _topic: 'commerce.orders',
    _partition: 0,
    ver: 1,
    received_at: MINUTE,
    currency: 'EUR',
    orders: 1,
    units: 2,
    revenue_minor: 300,
    refunds: 0,
    refunded_minor: 0,
    ...fields,
  }
}

function product(fields: Partial<Row<typeof CATALOGUE>>): Row<typeof CATALOGUE> {
  return {
    product_id: 'p-1',
    title: 'Kettle',
    category: ['kitchen', 'kettles'],
    brand: 'Acme',
    description: '',
    price_minor: 2_500,
    currency: 'EUR',
    stock: null,
    image_url: '',
    updated_at: MINUTE,
    removed: 0,
    ver: 1,
    ...fields,
  }
}

/** What the real tables and views must do on every engine. `open` gives tables with nothing in them. */
export function tablesSchemaContract(name: string, open: () => Promise<Tables>): void {
  describe(`schema of the tables: ${name}`, () => {
    let tables: Tables

    beforeAll(async () => {
      tables = await open()
      await tables.migrate(MIGRATIONS)
      await tables.migrate(MIGRATIONS)
    })

    afterAll(() => tables[Symbol.asyncDispose]())

    columns(() => tables)
    events(() => tables)
    minutes(() => tables)
    places(() => tables)
  })
}

function columns(tables: () => Tables): void {
  test('the folder of migrations was read', () => {
    expect(MIGRATIONS.map(({ name }) => name)).toContain('001-raw-events')
  })

  describe.each(TABLES)('$name', (spec) => {
    test('has the columns that processors write, and a default for every other', async () => {
      const described = await tables().query<{ name: string; type: string; default_type: string }>(
        `DESCRIBE TABLE ${spec.name}`,
      )
      const written: Record<string, string> = spec.columns
      const actual = described.filter(({ name }) => name in written)
      expect(Object.fromEntries(actual.map(({ name, type }) => [name, type]))).toEqual(written)
      for (const { name, default_type } of described) {
        expect.soft(name in written || default_type === 'DEFAULT', name).toBe(true)
      }
    })
  })
}

function events(tables: () => Tables): void {
  test('events give every stored event, and order_lines every line of those that count', async () => {
    const lines = [
      { product_id: 'p-1', quantity: 2, unit_price_minor: 1_250 },
      { product_id: "it's 😀", quantity: 1, unit_price_minor: 9_007_199_254_740_991 },
    ]
    const payload = JSON.stringify({ order_id: 'o-1', currency: 'EUR', lines })
    await tables().insert(RAW_EVENTS, [
      rawEvent(1, { payload }),
      rawEvent(2, { payload, dup: 1 }),
      rawEvent(3, { type: 'OrderRefunded', payload }),
      rawEvent(4, { payload: JSON.stringify({ order_id: 'o-4', currency: 'EUR', lines: [] }) }),
    ])
    expect(await tables().query('SELECT event_id, dup FROM events ORDER BY _offset')).toEqual([
      { event_id: 'e-1', dup: 0 },
      { event_id: 'e-2', dup: 1 },
      { event_id: 'e-3', dup: 0 },
      { event_id: 'e-4', dup: 0 },
    ])
    const line = {
      order_id: 'o-1',
      event_id: 'e-1',
      event_time: '2026-01-02 03:04:00.000',
      user_id: 'u-1',
      currency: 'EUR',
    }
    expect(await tables().query('SELECT * FROM order_lines ORDER BY quantity DESC')).toEqual([
      { ...line, product_id: 'p-1', quantity: 2, unit_price_minor: '1250' },
      { ...line, product_id: "it's 😀", quantity: 1, unit_price_minor: '9007199254740991' },
    ])
  })
}

function minutes(tables: () => Tables): void {
  test('a minute is the sum over partitions of the highest version of each', async () => {
    await tables().insert(ORDER_PANES, [
      orderPane({ ver: 5, orders: 3, units: 6, revenue_minor: 900 }),
      orderPane({ _partition: 1, ver: 2, refunds: 1, refunded_minor: 50 }),
      orderPane({ currency: 'USD' }),
    ])
    await tables().insert(ORDER_PANES, [orderPane({ ver: 4, orders: 2 })])
    const minute = { minute: '2026-01-02 03:04:00' }
    expect(await tables().query('SELECT * FROM order_minutes ORDER BY currency')).toEqual([
      {
        ...minute,
        currency: 'EUR',
        orders: '4',
        units: '8',
        revenue_minor: '1200',
        refunds: '1',
        refunded_minor: '50',
      },
      {
        ...minute,
        currency: 'USD',
        orders: '1',
        units: '2',
        revenue_minor: '300',
        refunds: '0',
        refunded_minor: '0',
      },
    ])
  })

  test('product and category minutes count the highest versions, under the category of now', async () => {
    await tables().insert(CATALOGUE, [
      product({ category: ['old'] }),
      product({ product_id: 'p-2', title: 'Mug', ver: 7 }),
      product({ product_id: 'p-3', title: 'Gone', removed: 1 }),
    ])
    await tables().insert(CATALOGUE, [product({ ver: 2 })])
    await tables().insert(PRODUCT_PANES, [
      productPane({ ver: 1, purchases: 9, units: 9, revenue_minor: 999 }),
      productPane({ ver: 2, purchases: 2, units: 3, revenue_minor: 300 }),
      productPane({ product_id: 'p-2' }),
      productPane({ product_id: 'p-2', _partition: 1 }),
      productPane({ product_id: 'p-3' }),
      productPane({ product_id: 'unknown' }),
      productPane({
        _topic: 'commerce.activity',
        currency: '',
        views: 5,
        carts: 1,
        purchases: 0,
        units: 0,
        revenue_minor: 0,
      }),
    ])
    expect(
      await tables().query(
        "SELECT product_id, views, carts, purchases, units FROM product_minutes WHERE product_id < 'p-3' ORDER BY ALL",
      ),
    ).toEqual([
      { product_id: 'p-1', views: '5', carts: '1', purchases: '2', units: '3' },
      { product_id: 'p-2', views: '0', carts: '0', purchases: '2', units: '2' },
    ])
    expect(
      await tables().query(
        'SELECT category, currency, purchases, units, revenue_minor FROM category_minutes ORDER BY units DESC, category',
      ),
    ).toEqual([
      { category: 'kitchen', currency: 'EUR', purchases: '5', units: '6', revenue_minor: '600' },
      { category: '', currency: 'EUR', purchases: '1', units: '1', revenue_minor: '100' },
    ])
    expect(
      await tables().query('SELECT product_id, title, category FROM products ORDER BY ALL'),
    ).toEqual([
      { product_id: 'p-1', title: 'Kettle', category: ['kitchen', 'kettles'] },
      { product_id: 'p-2', title: 'Mug', category: ['kitchen', 'kettles'] },
    ])
  })
}

function places(tables: () => Tables): void {
  test('dead letters and watermarks are kept once per place', async () => {
    const place = { _topic: 'commerce.orders', _partition: 0 }
    const letter = { ...place, _offset: 9, stage: 'decode', reason: 'broken', value_base64: 'AA==' }
    const mark = { ...place, group: 'archive', watermark: MINUTE, idle: 0, updated_at: MINUTE }
    for (const ver of [2, 1]) {
      await tables().insert(DEAD_LETTERS, [{ ...letter, failed_at: MINUTE + ver }])
      await tables().insert(WATERMARKS, [{ ...mark, ver }])
    }
    expect(await tables().query('SELECT _offset FROM dead_letters FINAL')).toEqual([
      { _offset: '9' },
    ])
    expect(await tables().query('SELECT ver FROM watermarks FINAL')).toEqual([{ ver: '2' }])
  })
}
