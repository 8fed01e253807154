import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EVENT_COLUMNS } from './dataset-row.ts'
import { CATALOGUE_COLUMNS, readDatasetCatalogue } from './read-dataset-catalogue.ts'
import { readDatasetEvents } from './read-dataset-events.ts'
import { toEvents } from './to-events.ts'
import { toProductEvents } from './to-product-events.ts'

let folder: string
let page: string
let examples: readonly string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-csv-page-'))
  page = await readFile(new URL('../docs/csv.md', import.meta.url), 'utf8')
  examples = [...page.matchAll(/```csv\n(.*?)```/gs)].map(([, text = '']) => text)
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(text: string | undefined): Promise<string> {
  const file = join(folder, 'example.csv')
  await writeFile(file, text ?? '')
  return file
}

test('the example of events is read as the page says', async () => {
  const rows = readDatasetEvents([await fileOf(examples[0])])
  const events = await Array.fromAsync(toEvents(rows, { currency: 'GBP' }))
  expect(events).toMatchObject([
    { type: 'ProductViewed', event_id: 'e1', user_id: 'ann', product_id: '22423' },
    { type: 'CartItemAdded', event_id: 'e2', quantity: 2, unit_price_minor: 1295 },
    {
      type: 'OrderPlaced',
      event_id: 'e3',
      order_id: 's1',
      lines: [
        { product_id: '22423', quantity: 2, unit_price_minor: 1295 },
        { product_id: '84879', quantity: 8, unit_price_minor: 169 },
      ],
    },
    {
      type: 'ProductViewed',
      user_id: null,
      anonymous_id: 's2',
      event_time: Date.UTC(2026, 0, 31, 9, 36),
    },
  ])
  expect(events).toHaveLength(4)
})

test('the example of a catalogue is read as the page says', async () => {
  const products = readDatasetCatalogue(await fileOf(examples[1]))
  const events = await Array.fromAsync(toProductEvents(products, { currency: 'GBP', eventTime: 0 }))
  expect(events).toMatchObject([
    { product_id: '22423', category: ['Kitchen', 'Baking'], price_minor: 1295 },
    { title: 'Bird ornament, assorted', category: ['Garden', 'Gifts'], price_minor: 169 },
  ])
  expect(events).toHaveLength(2)
})

test('the tables of the page have the columns of the readers, and no others', () => {
  const columns = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(columns).toEqual([...EVENT_COLUMNS, ...CATALOGUE_COLUMNS])
})

test('without a column that the page names the file is refused', async () => {
  const without = await fileOf(examples[0]?.replace('session_id,', ''))
  await expect(Array.fromAsync(readDatasetEvents([without]))).rejects.toThrow(
    'the header has no column session_id',
  )
})
