import { openApiDocument } from '#http/open-api-document.ts'
import { ALL_ROUTES } from './all-routes.ts'

/** docs/openapi.json. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(ALL_ROUTES), null, 2)}\n`
}
