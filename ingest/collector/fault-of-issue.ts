import type { z } from 'zod'
import { jsonPointer } from '#http/json-pointer.ts'
import { REJECTION_CODES, type RejectionCode } from '#schemas/http/events-accepted.ts'
import type { Fault } from './fault.ts'

type Finding = readonly [RejectionCode, string]

/** What the first issue of a failed zod parse says, in the words and codes of our interface. */
export function faultOf(issue: z.core.$ZodIssue): Fault {
  const pointer = jsonPointer(issue.path)
  const [code, text] = finding(issue)
  return { code, pointer, message: `${pointer} ${text}` }
}

function finding(issue: z.core.$ZodIssue): Finding {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return ['missing_field', 'is required']
      return ['wrong_type', `must be ${NAME_BY_TYPE[issue.expected] ?? issue.expected}`]
    case 'invalid_value':
      return ['unknown_symbol', `must be one of ${issue.values.join(', ')}`]
    case 'invalid_format':
      if (issue.format === 'datetime')
        return ['wrong_format', 'must be RFC 3339, such as 2026-01-31T09:30:00.000Z']
      return ['wrong_format', `must match ${issue.pattern ?? issue.format}`]
    case 'invalid_union':
      return ['wrong_type', issue.message]
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum))
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum))
    case 'custom':
      return [codeOf(issue.params), issue.message]
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      throw new TypeError(`no event schema raises ${issue.code}`)
  }
}

function tooSmall(origin: string, minimum: number): Finding {
  if (origin === 'string') return ['too_short', 'must not be empty']
  if (origin === 'array') return ['too_few_items', `must have at least ${minimum} items`]
  return ['out_of_range', `must be at least ${minimum}`]
}

function tooBig(origin: string, maximum: number): Finding {
  if (origin === 'array') return ['too_many_items', `must have at most ${maximum} items`]
  return ['out_of_range', `must be at most ${maximum}`]
}

function codeOf(params: Readonly<Record<string, unknown>> | undefined): RejectionCode {
  const code = params?.['code']
  if (typeof code === 'string' && Object.hasOwn(REJECTION_CODES, code)) return code as RejectionCode
  throw new TypeError(`a check of an event schema names no rejection code but ${String(code)}`)
}

const NAME_BY_TYPE: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'an object',
}
