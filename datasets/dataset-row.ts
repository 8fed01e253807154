import type { CsvRecord } from './csv-records.ts'
import { DatasetError } from './dataset-error.ts'

const ROW_TYPES = ['view', 'cart', 'purchase', 'rating'] as const

/** The columns of an events file; see `DatasetRow` for their meaning. */
export const EVENT_COLUMNS = [
  'event_id',
  'type',
  'user_id',
  'session_id',
  'item_id',
  'ts',
  'price',
  'quantity',
  'value',
] as const

/** One interaction of an events file. Empty fields are null; at least one of user and session is there. */
export interface DatasetRow {
  /** Unique: the deduplication key. */
  readonly eventId: string
  readonly type: (typeof ROW_TYPES)[number]
  readonly userId: string | null
  readonly sessionId: string | null
  readonly itemId: string
  /** UTC milliseconds; ISO 8601 with a zone in the file. */
  readonly ts: number
  /** A decimal in major units, as written, so that no money passes through a float. */
  readonly price: string | null
  readonly quantity: number | null
  /** The rating given. */
  readonly value: number | null
  readonly file: string
  readonly line: number
}

/** Same limits as the event schemas have. */
const ID_CHARACTERS_MAX = 128
const EVENT_ID_BYTES_MAX = 64
const QUANTITY_MAX = 1_000_000

const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/

/** Checks and types one record of an events file. @throws DatasetError */
export function toDatasetRow(file: string, { line, fields }: CsvRecord): DatasetRow {
  const field = (name: (typeof EVENT_COLUMNS)[number]) => fields[name] ?? ''
  const refuse = (what: string) => new DatasetError(file, line, what)
  const id = (name: 'user_id' | 'session_id' | 'item_id') => {
    const text = field(name)
    if (text.length <= ID_CHARACTERS_MAX) return text
    throw refuse(`${name} is longer than ${ID_CHARACTERS_MAX} characters`)
  }

  const eventId = field('event_id')
  if (eventId === '' || Buffer.byteLength(eventId) > EVENT_ID_BYTES_MAX)
    throw refuse(`event_id must have 1 to ${EVENT_ID_BYTES_MAX} bytes, not "${eventId}"`)
  const type = ROW_TYPES.find((known) => known === field('type'))
  if (type === undefined)
    throw refuse(`type must be one of ${ROW_TYPES.join(', ')}, not "${field('type')}"`)
  const [userId, sessionId, itemId] = [id('user_id'), id('session_id'), id('item_id')]
  if (userId === '' && sessionId === '') throw refuse('user_id and session_id are both empty')
  if (itemId === '') throw refuse('item_id is empty')
  const price = field('price')
  if (price !== '' && !DECIMAL.test(price))
    throw refuse(`price must be a decimal such as 12.50, not "${price}"`)

  return {
    eventId,
    type,
    userId: userId === '' ? null : userId,
    sessionId: sessionId === '' ? null : sessionId,
    itemId,
    ts: time(field('ts'), refuse),
    price: price === '' ? null : price,
    quantity: quantity(field('quantity'), refuse),
    value: rating(field('value'), refuse),
    file,
    line,
  }
}

type Refuse = (what: string) => DatasetError

function time(text: string, refuse: Refuse): number {
  const ts = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ts))
    throw refuse(`ts must be ISO 8601 with a zone, such as 2026-01-31T09:30:00.000Z, not "${text}"`)
  return ts
}

function quantity(text: string, refuse: Refuse): number | null {
  if (text === '') return null
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > QUANTITY_MAX)
    throw refuse(`quantity must be a whole number from 1 to ${QUANTITY_MAX}, not "${text}"`)
  return count
}

function rating(text: string, refuse: Refuse): number | null {
  if (text === '') return null
  const value = Number(text)
  if (!Number.isFinite(value)) throw refuse(`value must be a number, not "${text}"`)
  return value
}
