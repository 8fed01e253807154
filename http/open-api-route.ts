import { z } from 'zod'
import { json } from './answers.ts'
import { type Route, route } from './route.ts'

const Document = z.looseObject({ openapi: z.string() }).meta({
  id: 'OpenApiDocument',
  description: 'See https://spec.openapis.org/oas/v3.1.1.',
})
export type OpenApiDocument = z.output<typeof Document>

/** The document of the API, for machines. */
export const OPEN_API_ROUTE: Route<{ readonly document: OpenApiDocument }> = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'openApi',
  tag: 'operations',
  summary: 'This document.',
  description: 'OpenAPI 3.1 of what the process that answers has: each has its own part.',
  answer: json(Document, { description: 'The document.', example: { openapi: '3.1.0' } }),
  cacheControl: 'public, max-age=60',
  isLimited: false,
  handle: (_input, { document }: { readonly document: OpenApiDocument }) => document,
})
