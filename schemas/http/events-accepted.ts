import { z } from 'zod'
import { Problem } from './problem.ts'

/** Why ingest turns an event away, and what the caller can do. The list is fixed: callers may branch on it. */
export const REJECTION_CODES = {
  malformed_json: 'The line is not JSON.',
  not_an_object: 'An event is a JSON object.',
  unknown_type: 'No event type has this name.',
  missing_field: 'A required field is not there.',
  missing_identity: 'Neither user_id nor anonymous_id is there.',
  wrong_type: 'The field is of another JSON type.',
  wrong_format: 'The text does not have the form asked for, such as RFC 3339 or ISO 4217.',
  unknown_symbol: 'The field takes one of a list of words, and this is none of them.',
  out_of_range: 'The number or time is too small or too large.',
  too_short: 'The text is empty.',
  too_long: 'The text has too many bytes of UTF-8.',
  too_few_items: 'The list is too short.',
  too_many_items: 'The list is too long.',
  invalid_text: 'The text is not Unicode: invalid UTF-8 or half of a surrogate pair.',
  event_too_large: 'The event is larger than the log takes.',
} as const

export type RejectionCode = keyof typeof REJECTION_CODES

/** One event that was turned away: `index` counts the events (or non-empty lines) of the request from 0. */
export const Rejection = z
  .object({
    index: z.int().min(0),
    event_id: z.string().nullable().describe('As sent; null when it could not be read.'),
    code: z.enum(Object.keys(REJECTION_CODES) as [RejectionCode, ...RejectionCode[]]),
    pointer: z.string().describe('JSON pointer to the field, within the event.'),
    message: z.string(),
  })
  .meta({ id: 'Rejection' })
export type Rejection = z.infer<typeof Rejection>

/** The answer of `POST /v1/events`: every accepted event is durable. */
export const EventsAccepted = z
  .object({ accepted: z.int().min(0), rejected: z.array(Rejection) })
  .meta({ id: 'EventsAccepted' })
export type EventsAccepted = z.infer<typeof EventsAccepted>

/** The problem `no-event-accepted` says of each event why. */
export const NoEventAccepted = Problem.extend(EventsAccepted.shape).meta({ id: 'NoEventAccepted' })
