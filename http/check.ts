import type { z } from 'zod'
import { ProblemError } from '#schemas/http/problem.ts'
import { jsonPointer } from './json-pointer.ts'

/** Checks what a caller sent, of which each member is a `noun`, against its schema. @throws ProblemError invalid-request, with a JSON pointer to each fault */
export function check<S extends z.ZodType>(
  schema: S,
  input: unknown,
  noun: 'parameter' | 'field',
): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors = result.error.issues.flatMap((issue) => faultsOf(issue, noun))
  const detail = errors
    .map((error) => `${error.pointer}: ${error.detail}`.replace(/^: /, ''))
    .join('; ')
  throw new ProblemError('invalid-request', detail, { errors })
}

function faultsOf(issue: z.core.$ZodIssue, noun: string): { pointer: string; detail: string }[] {
  if (issue.code !== 'unrecognized_keys')
    return [{ pointer: jsonPointer(issue.path), detail: issue.message }]
  return issue.keys.map((key) => ({
    pointer: jsonPointer([...issue.path, key]),
    detail: `is not a known ${noun}; see /openapi.json`,
  }))
}
