import { z } from 'zod'

/** A time in an answer: RFC 3339, UTC, milliseconds. */
export const Time = z.iso.datetime({ precision: 3 }).meta({
  id: 'Time',
  description: 'RFC 3339 in UTC, with milliseconds.',
})

/** What the tables' `DateTime` can hold. */
const TIME_MAX = Date.UTC(2106, 0, 1)
const YEARS = '^(19[7-9][0-9]|20[0-9]{2}|210[0-5])-'

/** A time in a query, as UTC milliseconds. A date is its midnight in UTC. */
export const Instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be a time like 2026-11-22T09:30:00Z or a date like 2026-11-22',
  })
  .transform((text) => Date.parse(text))
  .refine((time) => time >= 0 && time < TIME_MAX, { error: 'must lie between 1970 and 2106' })
  .meta({
    id: 'Instant',
    description:
      'A time like 2026-11-22T09:30:00Z, or a date, which stands for its midnight in UTC. From 1970 to 2105.',
    override: {
      type: 'string',
      anyOf: [
        { format: 'date-time', pattern: YEARS },
        { format: 'date', pattern: YEARS },
      ],
    },
  })
