import { z } from 'zod'
import type { AvroField, AvroType } from './avro.ts'

/** Range of event times, UTC milliseconds: RFC 3339 ends with the year 9999, the tables begin with 1970. */
const TIME_MIN = 0
const TIME_MAX = Date.parse('9999-12-31T23:59:59.999Z')

const INT_MAX = 2 ** 31 - 1

const TIMESTAMP = z
  .union([z.iso.datetime({ offset: true }), z.int()], {
    error: 'must be RFC 3339, such as 2026-01-31T09:30:00.000Z, or whole milliseconds since 1970',
  })
  .transform((time, payload) => {
    const ms = typeof time === 'number' ? time : Date.parse(time)
    if (ms >= TIME_MIN && ms <= TIME_MAX) return ms
    const message = 'must lie in the years 1970 to 9999'
    payload.addIssue({ code: 'custom', message, params: { code: 'out_of_range' } })
    return z.NEVER
  })
  .meta({
    id: 'Timestamp',
    description:
      'RFC 3339 with any offset, or milliseconds since 1970. Of the years 1970 to 9999 in UTC.',
    override: {
      anyOf: [
        { type: 'string', format: 'date-time', pattern: '^(19[7-9][0-9]|[2-9][0-9]{3})-' },
        { type: 'integer', minimum: TIME_MIN, maximum: TIME_MAX },
      ],
    },
  })

/**
 * The JSON form of an Avro field: its type with its limits, optional where the schema has a default. Custom issues
 * carry `params.code`: `too_long`, `invalid_text` or `out_of_range`.
 */
export function jsonField(field: AvroField): z.ZodType {
  const type = jsonType(field.type, field)
  const described = describe(field) === '' ? type : type.describe(describe(field))
  // A clone, so that a default list is not shared between events.
  return field.default === undefined
    ? described
    : described.default(() => structuredClone(field.default))
}

/** JSON Schema counts characters where we count bytes. */
function describe({ doc = '', maxLength }: AvroField): string {
  if (maxLength === undefined) return doc
  return `${doc} At most ${maxLength} bytes of UTF-8.`.trim()
}

function jsonType(type: AvroType, limits: AvroField): z.ZodType {
  if (typeof type === 'string') return PRIMITIVES[type](limits)
  if (!('type' in type)) return union(type, limits)
  switch (type.type) {
    case 'long':
      return TIMESTAMP
    case 'array':
      return z
        .array(jsonType(type.items, limits))
        .min(limits.minItems ?? 0)
        .max(limits.maxItems ?? Number.POSITIVE_INFINITY)
    case 'enum':
      return z.enum(type.symbols)
    case 'record':
      return z
        .object(Object.fromEntries(type.fields.map((field) => [field.name, jsonField(field)])))
        .meta({ id: type.name })
  }
}

const PRIMITIVES = {
  null: () => z.null(),
  boolean: () => z.boolean(),
  int: ({ minimum, maximum }: AvroField) =>
    z
      .int()
      .min(minimum ?? -INT_MAX - 1)
      .max(maximum ?? INT_MAX),
  long: ({ minimum, maximum }: AvroField) =>
    z
      .int()
      .min(minimum ?? Number.MIN_SAFE_INTEGER)
      .max(maximum ?? Number.MAX_SAFE_INTEGER),
  double: () => z.number(),
  string: text,
}

/** The only unions of our events are optional values: `null` or one other type. */
function union(branches: readonly AvroType[], limits: AvroField): z.ZodType {
  const [branch, ...more] = branches.filter((each) => each !== 'null')
  if (branch === undefined || more.length > 0)
    throw new TypeError(`${limits.name}: a union must be of null and one other type`)
  return jsonType(branch, limits).nullable()
}

function text({ minLength, maxLength, pattern }: AvroField): z.ZodType {
  let type = z.string().check((payload) => {
    const { value } = payload
    // A lone surrogate has no UTF-8: it would be stored as U+FFFD, and two different ids would become one.
    if (!value.isWellFormed()) issue(payload, 'invalid_text', 'has half of a surrogate pair')
    // A UTF-16 unit takes at most three bytes, so most texts need not be counted.
    else if (
      maxLength !== undefined &&
      value.length * 3 > maxLength &&
      Buffer.byteLength(value) > maxLength
    )
      issue(payload, 'too_long', `must not exceed ${maxLength} bytes of UTF-8`)
  })
  if (minLength !== undefined) type = type.min(minLength)
  if (pattern !== undefined) type = type.regex(new RegExp(pattern))
  return maxLength === undefined ? type : type.meta({ maxLength })
}

function issue(payload: z.core.ParsePayload<string>, code: string, message: string): void {
  payload.issues.push({ code: 'custom', input: payload.value, message, params: { code } })
}
