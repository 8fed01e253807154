import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CsvError, parse } from 'csv-parse'
import { DatasetError } from './dataset-error.ts'

/** One record of a CSV file: its fields by column name, and the line that it ends on (the header is line 1). */
export interface CsvRecord {
  readonly line: number
  readonly fields: Readonly<Record<string, string>>
}

/** Longest record accepted, in characters: a file that is not CSV fails early instead of filling the memory. */
const RECORD_CHARACTERS_MAX = 128 * 1024

/**
 * Streams the records of a UTF-8 CSV file with a header line, gzipped or not (told by the first two bytes, not by the
 * name). Columns may come in any order and more may be there; those in `columns` must be.
 * @throws DatasetError naming file, line and what is wrong
 */
export async function* readCsvRecords(
  file: string,
  columns: readonly string[],
): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: RECORD_CHARACTERS_MAX,
    skip_empty_lines: true,
    columns: (header: string[]) => {
      const missing = columns.filter((column) => !header.includes(column))
      if (missing.length === 0) return header
      throw new DatasetError(file, 1, `the header has no column ${missing.join(', ')}`)
    },
  })
  try {
    const gzipped = await isGzip(file)
    // A failure of any stream surfaces where the parser is read.
    const done = () => undefined
    if (gzipped) pipeline(createReadStream(file), createGunzip(), parser, done)
    else pipeline(createReadStream(file), parser, done)
    yield* records(parser)
  } catch (error) {
    throw asDatasetError(file, error)
  }
}

/** What the parser gives for each record, with the options above. */
interface Parsed {
  readonly info: { readonly lines: number }
  readonly record: Readonly<Record<string, string>>
}

async function* records(parser: AsyncIterable<Parsed>): AsyncGenerator<CsvRecord> {
  for await (const { info, record } of parser) yield { line: info.lines, fields: record }
}

async function isGzip(file: string): Promise<boolean> {
  await using handle = await open(file)
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
}

function asDatasetError(file: string, error: unknown): unknown {
  if (error instanceof DatasetError) return error
  if (error instanceof CsvError) {
    const line: unknown = error['lines']
    return new DatasetError(file, typeof line === 'number' ? line : 0, error.message, error)
  }
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'ENOENT') return new DatasetError(file, 0, 'there is no such file', error)
  return new DatasetError(file, 0, `cannot be read: ${error.message}`, error)
}
