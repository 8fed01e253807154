import { z } from 'zod'
import { json } from './answers.ts'
import { type Route, route } from './route.ts'

export interface OpenApiDocument {
  [member: string]: unknown
  openapi: string
}

const Document = z.looseObject({ openapi: z.string() }).meta({
  id: 'OpenApiDocument',
  description: 'See https://spec.openapis.org/oas/v3.1.1.',
})

/** What this API is, for machines. */
export const OPEN_API_ROUTE: Route<{ readonly document: OpenApiDocument }> = route({
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
  handle: (_input, { document }: { readonly document: OpenApiDocument }) => document,
})
