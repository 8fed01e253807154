import type { OutgoingHttpHeaders } from 'node:http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { openApiDocument } from './open-api-document.ts'
import type { Declaration } from './route.ts'

interface Answered {
  readonly method: string
  /** As it is declared; undefined when no route took the request. */
  readonly path: string | undefined
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

interface Documented {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, unknown>>
}

type Json = Readonly<Record<string, unknown>>
type Responses = Readonly<Record<string, Documented>>
type Operations = Readonly<Record<string, { readonly responses: Responses }>>

/** Headers that the document names wherever they are sent. */
const NAMED = ['Retry-After', 'Allow', 'ETag', 'Cache-Control', 'RateLimit', 'RateLimit-Policy']
const PROBLEM = 'application/problem+json'

/** The document of routes, as what their answers are held to: it lets them gain fields, here each has to be in it. */
export class ApiContract {
  readonly #paths: Readonly<Record<string, Operations>>
  readonly #shared: Responses
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })

  constructor(routes: readonly Declaration[]) {
    const document = JSON.parse(JSON.stringify(openApiDocument(routes))) as Json
    this.#paths = document['paths'] as Readonly<Record<string, Operations>>
    this.#shared = (document['components'] as { readonly responses: Responses }).responses
    // Its types are those of a CommonJS module.
    ;(addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv)
    this.#ajv.addSchema({ $id: 'api:', ...(closed(document) as Json) })
  }

  /** What the document does not allow of an answer. */
  violations({ method, path, status, headers, body }: Answered): readonly string[] {
    const type = headers['content-type']?.toString().replace(/;.*/, '')
    if (path === undefined) return type === PROBLEM ? this.#unlike(PROBLEM_SCHEMA, body) : []
    const operations = this.#paths[path]
    if (operations === undefined) return [`${path} is not in the document`]
    if (method === 'OPTIONS' && status === 204) return body === '' ? [] : ['204 has no body']

    // Which method 405 is of is no matter: each operation of the path has it.
    const [first = 'get'] = Object.keys(operations)
    const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
    const name = operations[asked] === undefined ? first : asked
    const documented = operations[name]?.responses[status]
    if (documented === undefined) return [`${status} is not documented`]
    const shared = documented.$ref?.split('/').at(-1)
    const response = shared === undefined ? documented : (this.#shared[shared] ?? {})
    const place =
      shared === undefined
        ? ['paths', path, name, 'responses', `${status}`]
        : ['components', 'responses', shared]
    const unnamed = NAMED.filter(
      (header) => headers[header.toLowerCase()] !== undefined && !response.headers?.[header],
    ).map((header) => `${header} is not documented for ${status}`)
    if (method === 'HEAD' || response.content === undefined) return unnamed
    if (type === undefined || response.content[type] === undefined)
      return [...unnamed, `${status} as ${type} is not documented`]
    const schema = `api:#/${[...place, 'content', type, 'schema'].map(pointerPart).join('/')}`
    return [...unnamed, ...this.#unlike(schema, body, type)]
  }

  #unlike(schema: string, body: string, type = PROBLEM): readonly string[] {
    if (!type.endsWith('json')) return []
    const validate = this.#ajv.getSchema(schema)
    if (validate === undefined) return [`there is no schema ${schema}`]
    if (validate(JSON.parse(body))) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath} ${message} ${JSON.stringify(params)} in ${body.slice(0, 200)}`,
    )
  }
}

const PROBLEM_SCHEMA = 'api:#/components/schemas/Problem'

/** As part of a JSON pointer in a URI. */
function pointerPart(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** The schema with every object that names properties allowing no other. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, each]) => [key, closed(each)] as const)
  const object: Json = Object.fromEntries(entries)
  const isObject = object['type'] === 'object' && Object.hasOwn(object, 'properties')
  return isObject && !Object.hasOwn(object, 'additionalProperties')
    ? { ...object, additionalProperties: false }
    : object
}
