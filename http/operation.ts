import { z } from 'zod'
import type {
  oas31,
  ZodOpenApiContentObject,
  ZodOpenApiOperationObject,
  ZodOpenApiResponseObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi'
import { PROBLEM_KINDS, Problem, type ProblemKind, problemOf } from '#schemas/http/problem.ts'
import type { Content, Declaration, ExtendedProblem } from './route.ts'

/** The headers of answers. */
export const HEADERS = {
  'Retry-After': {
    description: 'Seconds after which to try again.',
    schema: { type: 'integer', minimum: 0 },
  },
  RateLimit: {
    description:
      'Requests left (`r`) and seconds until the minute ends (`t`), when there is a limit.',
    schema: { type: 'string', examples: ['"per-minute"; r=59; t=42'] },
  },
  'RateLimit-Policy': {
    description: 'The limit, when there is one.',
    schema: { type: 'string', examples: ['"per-minute"; q=60; w=60; pk=:MTI3:'] },
  },
  Allow: {
    description: 'The methods that this address answers.',
    schema: { type: 'string', examples: ['GET, HEAD'] },
  },
  ETag: {
    description: 'Send it back in `If-None-Match` to get 304 while nothing has changed.',
    schema: { type: 'string' },
  },
  'Cache-Control': {
    description: 'How long the answer may be cached.',
    schema: { type: 'string' },
  },
} as const satisfies Record<string, oas31.HeaderObject>

const RETRIED: ReadonlySet<ProblemKind> = new Set([
  'too-many-requests',
  'overloaded',
  'shutting-down',
  'engine-unavailable',
])

/** Responses of one document that are the same are one component, by its id. */
export type SharedResponses = Map<string, ZodOpenApiResponseObject>

/** The operation of a route. Adds to `shared` what other operations of its document may share. */
export function operationOf(
  declared: Declaration,
  shared: SharedResponses,
): ZodOpenApiOperationObject {
  const { operationId, tag, summary, description, params, query, headers, body } = declared
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    requestParams: {
      ...(params !== undefined && { path: params }),
      ...(query !== undefined && { query }),
      ...(headers !== undefined && { header: headers }),
    },
    ...(body !== undefined && {
      requestBody: { required: true, content: contentOf(body.content) },
    }),
    responses: { ...answersOf(declared), ...problemsOf(declared, shared) },
  }
}

function answersOf(declared: Declaration): ZodOpenApiResponsesObject {
  const { answer, method, cacheControl } = declared
  const hasETag = method === 'get' && answer.hasETag
  const headers = headersOf(
    ...(hasETag ? (['ETag'] as const) : []),
    ...(cacheControl === undefined ? [] : (['Cache-Control'] as const)),
    ...limitHeaders(declared),
  )
  return {
    [`${answer.status}` as const]: {
      description: answer.description,
      headers,
      content: contentOf(answer.content),
    },
    ...(hasETag && {
      '304': { description: 'Not modified: what `If-None-Match` names is current.', headers },
    }),
  }
}

/** One response per status; kinds that share one are named in it. */
function problemsOf(declared: Declaration, shared: SharedResponses) {
  const kinds = [
    'invalid-request' as const,
    ...(declared.body?.problems ?? []),
    ...(declared.problems ?? []),
    ...(declared.method === 'get' ? [] : ['foreign-origin' as const]),
    'method-not-allowed' as const,
    'misdirected-request' as const,
    ...(declared.isLimited === false ? [] : ['too-many-requests' as const]),
    'internal-error' as const,
  ].map(
    (each): ExtendedProblem => (typeof each === 'string' ? { kind: each, schema: Problem } : each),
  )
  const byStatus = Map.groupBy(kinds, ({ kind }) => PROBLEM_KINDS[kind].status)
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      `${status}` as `4${string}`,
      problemResponse(same, declared, shared),
    ]),
  )
}

function problemResponse(
  same: readonly ExtendedProblem[],
  declared: Declaration,
  shared: SharedResponses,
): ZodOpenApiResponseObject {
  const kinds = same.map(({ kind }) => kind)
  const [first = Problem, ...more] = new Set(same.map(({ schema }) => schema))
  const response = {
    description: kinds.map((kind) => `\`${kind}\`: ${PROBLEM_KINDS[kind].title}.`).join(' '),
    headers: headersOf(
      ...(kinds.includes('method-not-allowed') ? (['Allow'] as const) : []),
      ...(kinds.some((kind) => RETRIED.has(kind)) ? (['Retry-After'] as const) : []),
      'Cache-Control',
      ...limitHeaders(declared),
    ),
  }
  if (first !== Problem || more.length > 0) {
    const schema = more.length === 0 ? first : z.union([first, ...more])
    return { ...response, content: { 'application/problem+json': { schema } } }
  }
  const id = [...kinds, ...(declared.isLimited === false ? ['unlimited'] : [])].join('.')
  const known = shared.get(id) ?? { id, ...response, content: problemContent(kinds) }
  shared.set(id, known)
  return known
}

function problemContent(kinds: readonly ProblemKind[]): ZodOpenApiContentObject {
  const examples: oas31.ExamplesObject = {}
  for (const kind of kinds) examples[kind] = { value: problemOf(kind, EXAMPLE) }
  return {
    'application/problem+json': { schema: Problem, examples },
  }
}

const EXAMPLE = { detail: 'What is wrong with this request.', instance: '/v1/trends/orders' }

function limitHeaders({ isLimited }: Declaration): readonly (keyof typeof HEADERS)[] {
  return isLimited === false ? [] : ['RateLimit', 'RateLimit-Policy']
}

function headersOf(...names: readonly (keyof typeof HEADERS)[]): oas31.HeadersObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function contentOf(content: Content): ZodOpenApiContentObject {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, example }]) => [
      type,
      { schema, ...(example !== undefined && { example }) },
    ]),
  )
}
