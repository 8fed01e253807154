import { z } from 'zod'

/** RFC 9457 problem details; `type` resolves to a page under docs/errors. */
export const Problem = z
  .object({
    type: z.string().describe('The address, on this server, of a page that says what to do.'),
    title: z.string().describe('The same for every problem of this type.'),
    status: z.int(),
    detail: z.string().describe('What is wrong with this request.'),
    instance: z.string().describe('The address that was requested.'),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .describe('JSON pointer to a field of the body, or `/` and the name of a parameter.'),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('Each fault of an invalid request.'),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

/** Every kind of problem that the API answers with: its status and title; each has the page docs/errors/<kind>.md. */
export const PROBLEM_KINDS = {
  'malformed-body': { status: 400, title: 'Malformed body' },
  'invalid-request': { status: 400, title: 'Invalid request' },
  'foreign-origin': { status: 403, title: 'Foreign origin' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'payload-too-large': { status: 413, title: 'Payload too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'misdirected-request': { status: 421, title: 'Misdirected request' },
  'no-event-accepted': { status: 422, title: 'No event accepted' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'internal-error': { status: 500, title: 'Internal error' },
  overloaded: { status: 503, title: 'Overloaded' },
  'shutting-down': { status: 503, title: 'Shutting down' },
  'engine-unavailable': { status: 503, title: 'Dependency unavailable' },
} as const

export type ProblemKind = keyof typeof PROBLEM_KINDS

/** The members that every problem of a kind has. */
export function problemOf(
  kind: ProblemKind,
  { instance, detail }: Pick<Problem, 'instance' | 'detail'>,
): Problem {
  const { status, title } = PROBLEM_KINDS[kind]
  return { type: `/docs/errors/${kind}.md`, title, status, detail, instance }
}

interface ProblemExtras {
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
  /** Further members of the answer, such as `rejected`. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** Thrown by a route to answer with a problem; http/problem-handler.ts writes it. `detail` is shown to the caller. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly kind: ProblemKind
  readonly extras: ProblemExtras

  constructor(kind: ProblemKind, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause })
    this.kind = kind
    this.extras = extras
  }
}
