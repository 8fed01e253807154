import { readCsvRecords } from './csv-records.ts'
import { DatasetError } from './dataset-error.ts'

/** One product of a catalogue file. */
export interface DatasetProduct {
  readonly itemId: string
  readonly title: string
  /** From the widest to the narrowest: a dot path or a `|` list in the file. */
  readonly category: readonly string[]
  /** A decimal in major units, as written; null when unknown. */
  readonly price: string | null
  readonly file: string
  readonly line: number
}

export const CATALOGUE_COLUMNS = ['item_id', 'title', 'category', 'price'] as const
const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/

/** Streams the products of a catalogue file. @throws DatasetError at the first malformed row */
export async function* readDatasetCatalogue(file: string): AsyncGenerator<DatasetProduct> {
  for await (const { line, fields } of readCsvRecords(file, CATALOGUE_COLUMNS)) {
    const [itemId = '', title = '', category = '', price = ''] = CATALOGUE_COLUMNS.map(
      (name) => fields[name],
    )
    if (itemId === '') throw new DatasetError(file, line, 'item_id is empty')
    if (price !== '' && !DECIMAL.test(price))
      throw new DatasetError(file, line, `price must be a decimal such as 12.50, not "${price}"`)
    yield {
      itemId,
      title: title === '' ? itemId : title,
      category: category.split(category.includes('|') ? '|' : '.').filter((part) => part !== ''),
      price: price === '' ? null : price,
      file,
      line,
    }
  }
}
