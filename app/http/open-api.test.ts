import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, describe, expect, test } from 'vitest'
import { openApiDocument } from '#http/open-api-document.ts'
import { ALL_ROUTES } from './all-routes.ts'
import { API_DESCRIPTION } from './api-description.ts'

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Response>>
}

interface Response {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, Media>>
}

interface Media {
  readonly schema: unknown
  readonly example?: unknown
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>
    readonly responses: Readonly<Record<string, Response>>
  }
}

const text = JSON.stringify(openApiDocument(ALL_ROUTES, API_DESCRIPTION))
const document = JSON.parse(text) as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(JSON.parse(text) as Record<string, unknown>)).toEqual({
    valid: true,
  })
  expect(validator.version).toBe('3.1')
})

test('an invalid document would be found', async () => {
  const { info: _, ...withoutInfo } = JSON.parse(text) as Record<string, unknown>
  expect((await new Validator().validate(withoutInfo)).valid).toBe(false)
})

test('docs/openapi.json is this document: `npm run openapi` writes it', async () => {
  const committed = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
  expect(JSON.parse(committed)).toEqual(document)
})

test('every operation says what it is, and what is the same for all', () => {
  expect(operations.length).toBeGreaterThan(15)
  for (const { operation } of operations) {
    const { operationId, tags, summary, description, responses } = operation
    expect(tags, operationId).toHaveLength(1)
    expect(summary, operationId).toMatch(/\.$/)
    expect(description, operationId).toMatch(/\.$/)
    expect(Object.keys(responses), operationId).toEqual(
      expect.arrayContaining(['400', '405', '500']),
    )
  }
})

test('every route documents its rate limit, but for health, metrics, the page, this document and the pages of errors', () => {
  const free = operations.filter(({ operation }) => operation.responses['429'] === undefined)
  const paths = [
    '/',
    '/assets/{name}',
    '/docs/errors/{page}',
    '/livez',
    '/metrics',
    '/openapi.json',
    '/readyz',
  ]
  expect(free.map(({ path }) => path).toSorted()).toEqual(paths)
})

test.each([
  ['429', 'Retry-After'],
  ['503', 'Retry-After'],
  ['405', 'Allow'],
  ['429', 'RateLimit'],
  ['429', 'RateLimit-Policy'],
  ['304', 'ETag'],
])('the headers of %s have %s', (status, header) => {
  const named = operations.flatMap(({ operation }) => operation.responses[status] ?? [])
  expect(named.length).toBeGreaterThan(4)
  for (const response of named) expect(resolved(response).headers).toHaveProperty(header)
})

test.each([
  ['/v1/events', 'post', '422', ['accepted', 'rejected']],
  ['/readyz', 'get', '503', ['ready', 'engines']],
])('the problem of %s %s %s has more members', (path, method, status, members) => {
  const response = document.paths[path]?.[method]?.responses[status]
  expect(required(response?.content?.['application/problem+json']?.schema)).toEqual(
    expect.arrayContaining(members),
  )
})

test('answers may gain fields, bodies may not: but for events, which may carry more', () => {
  const inAnswers = operations.map(({ operation }) => operation.responses)
  expect(JSON.stringify([inAnswers, document.components])).not.toContain(
    '"additionalProperties":false',
  )
  const bodies = operations.flatMap(({ path, operation }) =>
    operation.requestBody === undefined || path === '/v1/events' ? [] : [operation.requestBody],
  )
  expect(bodies).toHaveLength(2)
  for (const { content } of bodies) {
    const objects = objectsIn(content['application/json']?.schema)
    expect(objects.length).toBeGreaterThan(0)
    for (const object of objects) expect(object).toMatchObject({ additionalProperties: false })
  }
})

test('every example is what its schema says', () => {
  const ajv = new Ajv2020({ strict: false })
  // Its types are those of a CommonJS module.
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema({ $id: 'api:', ...document })
  const contents = operations.flatMap(({ operation }) =>
    [operation.requestBody ?? {}, ...Object.values(operation.responses)].flatMap((each) =>
      Object.values((each as Response).content ?? {}),
    ),
  )
  const examples = contents.filter(({ example }) => example !== undefined)
  expect(examples.length).toBeGreaterThan(15)
  for (const { schema, example } of examples) {
    const absolute = JSON.stringify(schema).replaceAll('"#/', '"api:#/')
    const validate = ajv.compile(JSON.parse(absolute) as object)
    expect(validate(example), `${JSON.stringify(example)} ${ajv.errorsText(validate.errors)}`).toBe(
      true,
    )
  }
})

test.each([
  ['nobody', {}, false],
  ['a null', { user_id: null }, false],
  ['a user', { user_id: 'ann' }, true],
  ['somebody unknown', { anonymous_id: 'a-1' }, true],
])('an event of %s is valid: %j %s', (_, identity, isValid) => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
  ajv.addSchema({ $id: 'api:', ...document })
  const validate = ajv.getSchema('api:#/components/schemas/ProductViewed')
  expect(validate?.({ type: 'ProductViewed', product_id: 'p', ...identity })).toBe(isValid)
})

describe('linters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-openapi-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const bin = (name: string) =>
    fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url))
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  writeFileSync(join(folder, 'ruleset.yaml'), 'extends: ["spectral:oas"]\n')
  const COMMANDS = {
    spectral: ['lint', '--ruleset', join(folder, 'ruleset.yaml'), '--fail-severity', 'hint'],
    redocly: ['lint', '--extends', 'recommended', '--max-problems', '20'],
  } as const

  function lint(tool: keyof typeof COMMANDS, linted: string) {
    const file = join(folder, 'openapi.json')
    writeFileSync(file, linted)
    const [command, ...options] = COMMANDS[tool]
    const { status, stdout, stderr } = spawnSync(bin(tool), [command, file, ...options], {
      encoding: 'utf8',
      env: { ...env, PATH: `${bin('')}:${process.env['PATH']}` },
    })
    return { status, output: stdout + stderr }
  }

  test.each(['spectral', 'redocly'] as const)('%s finds nothing', (tool) => {
    const { status, output } = lint(tool, text)
    expect(output).not.toMatch(/\bwarning/i)
    expect(status, output).toBe(0)
  })

  test.each([
    ['spectral', 'operation-description'],
    ['redocly', 'security-defined'],
  ] as const)('%s would find a violation of %s', (tool, rule) => {
    const { security: _, ...rest } = JSON.parse(text) as Record<string, unknown>
    const planted = JSON.stringify(rest).replaceAll(/"description":"[^"]*"/g, '"description":""')
    expect(lint(tool, planted).output).toContain(rule)
  })
})

/** Every schema in it that names properties. */
function objectsIn(schema: unknown): readonly object[] {
  if (typeof schema !== 'object' || schema === null) return []
  const inside = Object.values(schema).flatMap(objectsIn)
  return 'properties' in schema ? [schema, ...inside] : inside
}

function resolved(response: Response): Response {
  const name = response.$ref?.replace('#/components/responses/', '')
  return name === undefined ? response : (document.components.responses[name] ?? {})
}

function required(schema: unknown): unknown {
  const { $ref } = schema as { $ref: string }
  const name = $ref.replace('#/components/schemas/', '')
  return (document.components.schemas[name] as { required: unknown }).required
}
