import { z } from 'zod'
import { json } from './answers.ts'
import { type OpenApiDocument, openApiDocument } from './open-api-document.ts'
import { type Declaration, type Endpoint, endpoints, type Route, route } from './route.ts'

interface Documented {
  readonly document: OpenApiDocument
}

const Document = z.looseObject({ openapi: z.string() }).meta({
  id: 'OpenApiDocument',
  description: 'See https://spec.openapis.org/oas/v3.1.1.',
})

/** What this API is, for machines. */
export const OPEN_API_ROUTE: Route<Documented> = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'openApi',
  tag: 'operations',
  summary: 'This document.',
  description:
    'OpenAPI 3.1, made from the declarations of the routes that the answering process has.',
  answer: json(Document, { description: 'The document.', example: { openapi: '3.1.0' } }),
  cacheControl: 'public, max-age=60',
  isLimited: false,
  handle: (_input, { document }: Documented) => document,
})

/** Answers with the document of the routes and of itself. */
export function openApiEndpoint(routes: readonly Declaration[]): Endpoint {
  const document = openApiDocument([...routes, OPEN_API_ROUTE])
  const [endpoint] = endpoints([OPEN_API_ROUTE], { document })
  if (endpoint === undefined) throw new TypeError('one route is one endpoint')
  return endpoint
}
