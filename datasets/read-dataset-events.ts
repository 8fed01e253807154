import { readCsvRecords } from './csv-records.ts'
import { type DatasetRow, EVENT_COLUMNS, toDatasetRow } from './dataset-row.ts'

/**
 * Streams the rows of one or more events files as one, in time order. Each file is taken to be sorted by `ts`; equal
 * times keep the order of the files named, then of their lines.
 * @throws DatasetError at the first malformed row
 */
export async function* readDatasetEvents(files: readonly string[]): AsyncGenerator<DatasetRow> {
  const [only, ...more] = files
  if (only !== undefined && more.length === 0) yield* readFile(only)
  else yield* merge(files.map(readFile))
}

async function* readFile(file: string): AsyncGenerator<DatasetRow> {
  for await (const record of readCsvRecords(file, EVENT_COLUMNS)) yield toDatasetRow(file, record)
}

async function* merge(sources: readonly AsyncGenerator<DatasetRow>[]): AsyncGenerator<DatasetRow> {
  try {
    const heads = await Promise.all(sources.map((source) => source.next()))
    for (;;) {
      let earliest = -1
      let earliestRow: DatasetRow | undefined
      for (const [index, head] of heads.entries()) {
        if (head.done) continue
        if (earliestRow === undefined || head.value.ts < earliestRow.ts) {
          earliest = index
          earliestRow = head.value
        }
      }
      const source = sources[earliest]
      if (source === undefined || earliestRow === undefined) return
      yield earliestRow
      heads[earliest] = await source.next()
    }
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)))
  }
}
