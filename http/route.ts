import type { Request, Response } from 'express'
import { z } from 'zod'
import type { ProblemKind } from '#schemas/http/problem.ts'
import { check } from './check.ts'

/** What a handler may look at besides what was checked: headers, and who asks. */
export type HttpRequest = Request

interface MediaType {
  readonly schema: z.ZodType
  readonly example?: unknown
}

/** Schema and example by media type. */
export type Content = Readonly<Record<string, MediaType>>

/** How a request body is documented and read. */
export interface Body<B> {
  readonly content: Content
  /** What a body can be refused for, besides `invalid-request`. */
  readonly problems: readonly ProblemKind[]
  /**
   * Absent where the handler reads the request itself, as a stream.
   * @throws ProblemError of `problems`, or invalid-request
   */
  readonly read?: (request: Request, response: Response) => Promise<B>
}

/** How an answer is documented and written. */
export interface Answer<A> {
  readonly status: 200 | 202
  readonly description: string
  readonly content: Content
  /** Whether a GET is answered with an ETag, and with 304 to a client that has it. */
  readonly hasETag: boolean
  write(response: Response, value: A): void
}

/** A problem whose body has more members than every problem has. */
export interface ExtendedProblem {
  readonly kind: ProblemKind
  readonly schema: z.ZodType
}

/** What a route says of itself: Express, the document and the checks of requests are made from it. */
export interface Declaration {
  readonly method: 'get' | 'post'
  /** As OpenAPI writes it, `/v1/users/{user_id}`: letter case and a slash at the end matter. */
  readonly path: `/${string}`
  readonly operationId: string
  /** The group in which the document lists it. */
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly params?: z.ZodObject
  /** Every parameter there is; any other is refused. */
  readonly query?: z.ZodObject
  /** Request headers that matter to it, for the document. */
  readonly headers?: z.ZodObject
  readonly body?: Body<unknown>
  readonly answer: Omit<Answer<never>, 'write'>
  /** `Cache-Control` of the answer. A problem is never kept. */
  readonly cacheControl?: string
  /** Problems of its own; those that any route has (400, 405, 429, 500) are added. */
  readonly problems?: readonly (ProblemKind | ExtendedProblem)[]
  /** False for what a rate limit must not stop, such as health checks. */
  readonly isLimited?: false
}

/** A declared route that answers once it is given what it depends on. */
export interface Route<D> extends Declaration {
  /** @throws ProblemError, EngineError: the problem handler answers */
  serve(request: Request, response: Response, deps: D): Promise<void>
}

/** A route with what it depends on. */
export interface Endpoint extends Declaration {
  serve(request: Request, response: Response): Promise<void>
}

interface Input<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly request: Request
}

/** `R`, when it has no members besides those of `A`: TypeScript alone lets a handler return more. */
type Exactly<A, R> = R & Readonly<Record<Exclude<keyof R, keyof A>, never>>

interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B, A, R extends A, D>
  extends Declaration {
  readonly params?: P
  readonly query?: Q
  readonly body?: Body<B>
  readonly answer: Answer<A>
  /** Answers a request that was checked. */
  handle(input: Input<z.output<P>, z.output<Q>, B>, deps: D): Exactly<A, R> | Promise<Exactly<A, R>>
}

type NoFields = z.ZodObject<Record<never, never>>
const NO_FIELDS: NoFields = z.object({})

/** Declares a route. What the handler gets and must return follows from the schemas. */
export function route<
  A,
  R extends A,
  D = unknown,
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B = undefined,
>(spec: RouteSpec<P, Q, B, A, R, D>): Route<D> {
  const params = spec.params ?? NO_FIELDS
  const query = (spec.query ?? NO_FIELDS).strict()
  return {
    ...spec,
    async serve(request, response, deps) {
      const input = {
        params: check(params, request.params, 'parameter') as z.output<P>,
        query: check(query, request.query, 'parameter') as z.output<Q>,
        body: (await spec.body?.read?.(request, response)) as B,
        request,
      }
      const value = await spec.handle(input, deps)
      if (spec.cacheControl !== undefined) response.set('Cache-Control', spec.cacheControl)
      spec.answer.write(response, value)
    },
  }
}

/** Gives routes what they depend on. */
export function endpoints<D>(routes: readonly Route<D>[], deps: D): readonly Endpoint[] {
  return routes.map((each) => ({
    ...each,
    serve: (request, response) => each.serve(request, response, deps),
  }))
}
