import { isUtf8 } from 'node:buffer'
import { jsonPointer } from '#http/json-pointer.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import type { BodyFormat } from './body-format.ts'
import type { Fault } from './fault.ts'

/** One event of a body, parsed but not checked; or why it could not even be parsed. */
export type RawEvent = { readonly value: unknown } | { readonly fault: Fault }

const NEWLINE = 0x0a
const BOM = '\ufeff'

/**
 * The events of a body. A broken line of NDJSON spoils that line only; a broken JSON body has no parts to save.
 * @throws ProblemError malformed-body; invalid-request for what stands beside the list; payload-too-large for more than `eventsMax` events
 */
export function splitBody(
  body: Buffer,
  syntax: BodyFormat['syntax'],
  eventsMax: number,
): readonly RawEvent[] {
  const events = syntax === 'json' ? ofJson(body) : ofLines(body)
  if (events.length <= eventsMax) return events
  throw new ProblemError(
    'payload-too-large',
    `${events.length} events exceed eventsMax = ${eventsMax}; send them in smaller batches.`,
  )
}

function ofJson(body: Buffer): readonly RawEvent[] {
  if (!isUtf8(body)) throw malformed('it is not UTF-8')
  const value = parse(body)
  if (Array.isArray(value)) throw malformed('wrap the list: {"events": […]}')
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'events'))
    return [{ value }]
  const { events, ...others } = value as { events: unknown }
  refuseOthers(Object.keys(others))
  if (!Array.isArray(events)) throw malformed('"events" is not a list')
  return events.map((event: unknown) => ({ value: event }))
}

/** What stands beside the list would be lost without a word, a `sent_at` of the whole batch for example. */
function refuseOthers(names: readonly string[]): void {
  if (names.length === 0) return
  const errors = names.map((name) => {
    return {
      pointer: jsonPointer([name]),
      detail: 'is not known beside "events": put it into each event',
    }
  })
  const detail = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ')
  throw new ProblemError('invalid-request', detail, { errors })
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch (error) {
    throw malformed(messageOf(error))
  }
}

function ofLines(body: Buffer): readonly RawEvent[] {
  const events: RawEvent[] = []
  const isUnicode = isUtf8(body)
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(NEWLINE, start)
    const end = newline === -1 ? body.length : newline
    const line = body.subarray(start, end)
    start = end + 1
    const text = textOf(line)
    if (text.trim() !== '') events.push(isUnicode || isUtf8(line) ? ofLine(text) : NOT_UTF8)
  }
  return events
}

const NOT_UTF8: RawEvent = {
  fault: { code: 'invalid_text', pointer: '', message: 'the line is not UTF-8' },
}

function ofLine(line: string): RawEvent {
  try {
    return { value: JSON.parse(line) }
  } catch (error) {
    return { fault: { code: 'malformed_json', pointer: '', message: messageOf(error) } }
  }
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.startsWith(BOM) ? text.slice(BOM.length) : text
}

function malformed(what: string): ProblemError {
  return new ProblemError('malformed-body', `The body cannot be read: ${what}.`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
