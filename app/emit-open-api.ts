/** `npm run openapi` writes the document of all routes; a test compares what is committed. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openApiDocument } from '#http/open-api-document.ts'
import { ALL_ROUTES } from './http/all-routes.ts'
import { API_DESCRIPTION } from './http/api-description.ts'

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url))
writeFileSync(file, `${JSON.stringify(openApiDocument(ALL_ROUTES, API_DESCRIPTION), null, 2)}\n`)
process.stdout.write(`${file}\n`)
