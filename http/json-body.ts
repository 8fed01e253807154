import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import express from 'express'
import type { z } from 'zod'
import { ProblemError } from '#schemas/http/problem.ts'
import { check } from './check.ts'
import type { Body } from './route.ts'

interface JsonBodyOptions<S extends z.ZodObject> {
  readonly bytesMax: number
  readonly example: z.input<S>
}

/** A JSON object in which every field is known. */
export function jsonBody<S extends z.ZodObject>(
  schema: S,
  { bytesMax, example }: JsonBodyOptions<S>,
): Body<z.output<S>> {
  const strict = schema.strict()
  const parsed = promisify(express.json({ limit: bytesMax, strict: false, verify: assertUtf8 }))
  return {
    content: { 'application/json': { schema: strict, example } },
    problems: ['malformed-body', 'payload-too-large', 'unsupported-media-type'],
    async read(request, response) {
      await parsed(request, response).catch((error: BodyError) => {
        throw bodyProblem(error, bytesMax)
      })
      // `body` is what the parser left, and nothing where the request was not sent as JSON.
      const body: unknown = request.body
      if (body !== undefined) return check(strict, body, 'field') as z.output<S>
      throw new ProblemError(
        'unsupported-media-type',
        'Send a JSON body with the header Content-Type: application/json',
      )
    },
  }
}

type BodyError = Error & { readonly type?: string; readonly status?: number }

/** express.json replaces bytes that are not UTF-8, which changes what was said. */
function assertUtf8(_request: unknown, _response: unknown, bytes: Buffer, charset: string): void {
  if (charset === 'utf-8' && !isUtf8(bytes)) throw new Error('it is not UTF-8')
}

/** The problem of what express.json refuses, where a body has at most `bytesMax`; other errors are returned unchanged. */
function bodyProblem(error: BodyError, bytesMax: number): Error {
  switch (error.type) {
    case 'entity.too.large':
      return new ProblemError('payload-too-large', `The body may have at most ${bytesMax} bytes`)
    case 'entity.parse.failed':
      return new ProblemError('malformed-body', `The body is not JSON: ${error.message}`)
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemError('unsupported-media-type', `The body cannot be read: ${error.message}`)
    default: {
      const isOfCaller = error.status !== undefined && error.status < 500
      const detail = `The body cannot be read: ${error.message}`
      return isOfCaller ? new ProblemError('malformed-body', detail) : error
    }
  }
}
