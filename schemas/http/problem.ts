import { z } from 'zod'

/** RFC 9457 problem details; `type` resolves to a page under docs/errors. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>

/** Every kind of problem that the API answers with: its status and title; each has the page docs/errors/<kind>.md. */
export const PROBLEM_KINDS = {
  'malformed-body': { status: 400, title: 'The body cannot be read' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'foreign-origin': { status: 403, title: 'Pages of this origin may not ask for this' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'method-not-allowed': { status: 405, title: 'This method does not apply here' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'This type of body is not understood' },
  'misdirected-request': { status: 421, title: 'This server does not go by that name' },
  'no-event-accepted': { status: 422, title: 'No event was accepted' },
  'too-many-requests': { status: 429, title: 'This address asks for too much' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  overloaded: { status: 503, title: 'Too busy to take this now' },
  'shutting-down': { status: 503, title: 'This process is stopping' },
  'engine-unavailable': { status: 503, title: 'An engine that this needs does not answer' },
} as const

export type ProblemKind = keyof typeof PROBLEM_KINDS

interface ProblemExtras {
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
  /** Further members of the answer, such as `rejected`. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** Thrown by a route to answer with a problem; the HTTP server's error handler writes it. `detail` is shown to the caller. */
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
