import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { openApiDocument } from './open-api-document.ts'

const document = JSON.parse(JSON.stringify(openApiDocument())) as Record<string, unknown>

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('an invalid document would be found', async () => {
  const { info: _, ...withoutInfo } = structuredClone(document)
  expect((await new Validator().validate(withoutInfo)).valid).toBe(false)
})

test('docs/openapi.json is this document: fetch /openapi.json of a running Freshet into it, then `npm run fix`', async () => {
  const committed = await readFile(new URL('../docs/openapi.json', import.meta.url), 'utf8')
  expect(JSON.parse(committed)).toEqual(document)
})

test('every call has an id, a tag and a summary, and every problem its schema', () => {
  const operations = Object.values(openApiDocument().paths ?? {}).flatMap((path) =>
    [path.get, path.post].filter((operation) => operation !== undefined),
  )
  const ids = operations.map((operation) => operation.operationId)
  expect(new Set(ids).size).toBe(operations.length)
  expect(operations.length).toBeGreaterThan(12)
  for (const operation of operations) {
    expect(operation.tags).toHaveLength(1)
    expect(operation.summary).toMatch(/\.$/)
  }
  const written = JSON.stringify(document)
  expect(written).toContain(
    '"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}',
  )
})
