import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDatasetCatalogue } from './read-dataset-catalogue.ts'
import { readDatasetEvents } from './read-dataset-events.ts'
import { toEvents, toMinorUnits } from './to-events.ts'
import { toProductEvents } from './to-product-events.ts'

const HEADER = 'event_id,type,user_id,session_id,item_id,ts,price,quantity,value\n'
let folder = ''
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-dataset-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.csv`)
  await writeFile(path, content)
  return path
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

async function refusal(items: AsyncIterable<unknown>): Promise<string> {
  return all(items).then(
    () => 'accepted',
    (error: unknown) => String(error),
  )
}

describe('reading events', () => {
  test('types every field, and empty fields are null', async () => {
    const path = await file(
      `${HEADER}e1,purchase,u1,s1,i1,2026-01-02T03:04:05.678Z,12.50,3,\ne2,rating,u1,,i2,2026-01-02T03:04:06Z,,,4.5\n`,
    )
    expect(await all(readDatasetEvents([path]))).toEqual([
      {
        eventId: 'e1',
        type: 'purchase',
        userId: 'u1',
        sessionId: 's1',
        itemId: 'i1',
        ts: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
        price: '12.50',
        quantity: 3,
        value: null,
        file: path,
        line: 2,
      },
      expect.objectContaining({ eventId: 'e2', sessionId: null, price: null, value: 4.5, line: 3 }),
    ])
  })

  test('gzip is told by its bytes, whatever the name', async () => {
    const path = await file(gzipSync(`${HEADER}e1,view,u1,,i1,2026-01-01T00:00:00Z,,,\n`))
    expect(await all(readDatasetEvents([path]))).toHaveLength(1)
  })

  test('columns may come in another order, with others between them', async () => {
    const path = await file(
      'ts,note,event_id,type,user_id,session_id,item_id,price,quantity,value\n2026-01-01T00:00:00Z,"a, b",e1,view,u1,,"i ""1""",,,\n',
    )
    expect(await all(readDatasetEvents([path]))).toMatchObject([{ eventId: 'e1', itemId: 'i "1"' }])
  })

  test('several files are one in time order; equal times keep the order of the files', async () => {
    const row = (id: string, second: number) =>
      `${id},view,u1,,i1,2026-01-01T00:00:${String(second).padStart(2, '0')}Z,,,\n`
    const one = await file(HEADER + row('a1', 1) + row('a2', 3) + row('a3', 3))
    const two = await file(HEADER + row('b1', 0) + row('b2', 3) + row('b3', 9))
    const ids = (await all(readDatasetEvents([one, two]))).map(({ eventId }) => eventId)
    expect(ids).toEqual(['b1', 'a1', 'a2', 'a3', 'b2', 'b3'])
  })

  test.each([
    ['e1,look,u1,,i1,2026-01-01T00:00:00Z,,,', 'type must be one of'],
    ['e1,view,,,i1,2026-01-01T00:00:00Z,,,', 'user_id and session_id are both empty'],
    ['e1,view,u1,,,2026-01-01T00:00:00Z,,,', 'item_id is empty'],
    [',view,u1,,i1,2026-01-01T00:00:00Z,,,', 'event_id must have'],
    ['e1,view,u1,,i1,yesterday,,,', 'ts must be ISO 8601'],
    ['e1,view,u1,,i1,2026-13-01T00:00:00Z,,,', 'ts must be ISO 8601'],
    ['e1,view,u1,,i1,2026-01-01T00:00:00Z,-1,,', 'price must be a decimal'],
    ['e1,view,u1,,i1,2026-01-01T00:00:00Z,,0,', 'quantity must be a whole number'],
    ['e1,view,u1,,i1,2026-01-01T00:00:00Z,,1.5,', 'quantity must be a whole number'],
    ['e1,view,u1,,i1,2026-01-01T00:00:00Z,,,x', 'value must be a number'],
    ['e1,view,u1,,i1', 'Invalid Record Length'],
  ])('%s is refused with file, line and reason', async (row, reason) => {
    const path = await file(`${HEADER}e0,view,u1,,i1,2026-01-01T00:00:00Z,,,\n${row}\n`)
    const message = await refusal(readDatasetEvents([path]))
    expect(message).toContain(`${path}, line 3: `)
    expect(message).toContain(reason)
  })

  test('a file without a column, cut short, or not there is refused by name', async () => {
    const headless = await file('event_id,type\n')
    expect(await refusal(readDatasetEvents([headless]))).toContain(
      `${headless}, line 1: the header has no column user_id, session_id`,
    )
    const cut = await file(gzipSync(HEADER.repeat(100)).subarray(0, 40))
    expect(await refusal(readDatasetEvents([cut]))).toContain(`${cut}: cannot be read`)
    expect(await refusal(readDatasetEvents([join(folder, 'none')]))).toContain('no such file')
  })
})

describe('events of rows', () => {
  async function events(rows: string) {
    return all(toEvents(readDatasetEvents([await file(HEADER + rows)]), { currency: 'GBP' }))
  }

  test('purchase rows of one session and time are one order, even when others lie between', async () => {
    const result = await events(
      [
        'e1,purchase,u1,s1,i1,2026-01-01T00:00:00Z,0.29,2,',
        'e2,view,u2,s2,i9,2026-01-01T00:00:00Z,,,',
        'e3,purchase,u1,s1,i2,2026-01-01T00:00:00Z,1,,',
        'e4,purchase,u1,s1,i3,2026-01-01T00:00:01Z,,1,',
        'e5,purchase,,s3,i3,2026-01-01T00:00:01Z,3.10,1,',
        '',
      ].join('\n'),
    )
    expect(result).toMatchObject([
      {
        type: 'OrderPlaced',
        event_id: 'e1',
        order_id: 's1',
        user_id: 'u1',
        anonymous_id: null,
        lines: [
          { product_id: 'i1', quantity: 2, unit_price_minor: 29 },
          { product_id: 'i2', quantity: 1, unit_price_minor: 100 },
        ],
      },
      { type: 'ProductViewed', event_id: 'e2', product_id: 'i9', session_id: 's2' },
      { event_id: 'e4', order_id: 's1-2026-01-01T00:00:01.000Z', lines: [{ unit_price_minor: 0 }] },
      { event_id: 'e5', order_id: 's3', user_id: null, anonymous_id: 's3' },
    ])
  })

  test('carts carry their price; ratings are left out', async () => {
    const result = await events(
      'e1,cart,u1,,i1,2026-01-01T00:00:00Z,9.99,2,\ne2,rating,u1,,i1,2026-01-01T00:00:00Z,,,5\n',
    )
    expect(result).toEqual([
      {
        type: 'CartItemAdded',
        event_id: 'e1',
        event_time: Date.UTC(2026, 0, 1),
        sent_at: null,
        source: 'dataset',
        user_id: 'u1',
        anonymous_id: null,
        session_id: null,
        product_id: 'i1',
        quantity: 2,
        unit_price_minor: 999,
        currency: 'GBP',
      },
    ])
  })

  test('a price finer than the currency is refused with its line', async () => {
    const message = events('e1,cart,u1,,i1,2026-01-01T00:00:00Z,0.005,1,\n')
    await expect(message).rejects.toThrow('line 2: price 0.005 has more decimals than GBP has')
  })
})

describe('catalogue', () => {
  test('categories are dot paths or lists, and a title falls back to the id', async () => {
    const path = await file(
      'item_id,title,category,price\np1,Phone,electronics.telephone,99.90\np2,,Comedy|Dr. Who,\n',
    )
    const products = toProductEvents(readDatasetCatalogue(path), { currency: 'EUR', eventTime: 7 })
    const [phone, other] = await all(products)
    expect(phone).toMatchObject({
      type: 'ProductUpserted',
      event_time: 7,
      product_id: 'p1',
      category: ['electronics', 'telephone'],
      price_minor: 9990,
    })
    expect(other).toMatchObject({ title: 'p2', category: ['Comedy', 'Dr. Who'], price_minor: 0 })
  })

  test('the event id follows from what is said', async () => {
    const path = await file('item_id,title,category,price\np1,a,,1\np1,a,,1\np1,a,,2\n')
    const products = toProductEvents(readDatasetCatalogue(path), { currency: 'EUR', eventTime: 7 })
    const ids = (await all(products)).map((event) => event.event_id)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
    expect(Buffer.byteLength(ids[0] ?? '')).toBeLessThanOrEqual(64)
  })
})

describe('minor units', () => {
  test('moves the point by the decimals of the currency', () => {
    expect(toMinorUnits('12.5', 'GBP')).toBe(1250)
    expect(toMinorUnits('0.29', 'USD')).toBe(29)
    expect(toMinorUnits('1.500', 'EUR')).toBe(150)
    expect(toMinorUnits('500', 'JPY')).toBe(500)
    expect(toMinorUnits('1.234', 'KWD')).toBe(1234)
    expect(toMinorUnits('0.001', 'EUR')).toBeUndefined()
    expect(toMinorUnits('0.5', 'JPY')).toBeUndefined()
    expect(toMinorUnits('90071992547409.91', 'EUR')).toBe(Number.MAX_SAFE_INTEGER)
    expect(toMinorUnits('90071992547409.92', 'EUR')).toBeUndefined()
  })

  test('agrees with integer arithmetic on every amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 99 }), (a, b) => {
        expect(toMinorUnits(`${a}.${String(b).padStart(2, '0')}`, 'EUR')).toBe(a * 100 + b)
      }),
    )
  })
})
