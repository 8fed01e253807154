/** `npm run openapi` writes the document of all routes; a test compares what is committed. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openApiText } from './http/open-api-text.ts'

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url))
writeFileSync(file, openApiText())
process.stdout.write(`${file}\n`)
