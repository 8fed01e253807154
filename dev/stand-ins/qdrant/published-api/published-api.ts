import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { apiFromTypes } from './api-from-types.ts'
import type { OpenApiDocument, Operation, Schema } from './openapi-document.ts'
import type { Exchange } from './record-exchanges.ts'
import { strictSchema } from './strict-schema.ts'

const JSON_TYPE = 'application/json'
const ID = 'qdrant'

/** What Qdrant says that it takes and answers; says of an exchange what is against it. */
export class PublishedApi {
  readonly #document: OpenApiDocument
  readonly #ajv: Ajv
  readonly #compiled = new Map<Schema, ValidateFunction>()

  /** @param file an OpenAPI document of Qdrant; without one, what its client's types say */
  constructor(file?: string) {
    this.#document =
      file === undefined
        ? apiFromTypes()
        : (JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument)
    this.#ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false })
    addFormats.default(this.#ajv)
    for (const [format, max] of UNSIGNED) {
      this.#ajv.addFormat(format, {
        type: 'number',
        validate: (value: number) => Number.isInteger(value) && value >= 0 && value <= max,
      })
    }
    this.#ajv.addFormat('partial-date-time', true)
    const schemas = Object.entries(this.#document.components.schemas)
    this.#ajv.addSchema({
      $id: ID,
      components: {
        schemas: Object.fromEntries(schemas.map(([name, schema]) => [name, strictSchema(schema)])),
      },
    })
  }

  /** `PUT /collections/{collection_name}`, undefined when Qdrant publishes no such thing. */
  operationOf(exchange: Pick<Exchange, 'method' | 'path'>): string | undefined {
    return this.#find(exchange)?.name
  }

  /** One sentence each. */
  violations(exchange: Exchange): readonly string[] {
    const found = this.#find(exchange)
    const called = `${exchange.method} ${exchange.path}`
    if (found === undefined) return [`${called} is not published`]
    const { operation } = found
    return [
      ...this.#ofQuery(operation, exchange).map((words) => `${called}: query ${words}`),
      ...this.#ofRequest(operation, exchange).map((words) => `${called}: request ${words}`),
      ...this.#ofAnswer(operation, exchange).map((words) => `${called}: answer ${words}`),
    ]
  }

  #find({ method, path }: Pick<Exchange, 'method' | 'path'>) {
    const parts = path.split('?')[0]?.split('/') ?? []
    const templates = Object.keys(this.#document.paths).filter((template) => {
      const wanted = template.split('/')
      return (
        wanted.length === parts.length &&
        wanted.every((part, i) => part.startsWith('{') || part === parts[i])
      )
    })
    for (const template of templates.sort((a, b) => wildcards(a) - wildcards(b))) {
      const operation = this.#document.paths[template]?.[method.toLowerCase()]
      if (operation !== undefined) return { name: `${method} ${template}`, operation }
    }
    return undefined
  }

  #ofQuery({ parameters = [] }: Operation, { path }: Exchange): readonly string[] {
    const query = new URL(path, 'http://qdrant').searchParams
    return [...query].flatMap(([name, text]) => {
      const known = parameters.find((one) => one.in === 'query' && one.name === name)
      if (known === undefined) return [`has the unknown parameter ${name}`]
      return this.#against(known.schema ?? {}, parsed(text)).map((words) => `${name} ${words}`)
    })
  }

  #ofRequest({ requestBody }: Operation, { request }: Exchange): readonly string[] {
    const schema = requestBody?.content[JSON_TYPE]?.schema
    if (schema !== undefined) return this.#against(schema, request)
    return request === undefined ? [] : ['has a body where none is published']
  }

  #ofAnswer({ responses }: Operation, { status, answer }: Exchange): readonly string[] {
    const response = responses[status] ?? responses[`${Math.floor(status / 100)}XX`]
    const content = (response ?? responses['default'])?.content
    const schema = content?.[JSON_TYPE]?.schema
    // A wrong key is answered in plain text, published or not.
    if (typeof answer === 'string' && (status >= 400 || content?.['text/plain'])) return []
    return schema === undefined
      ? [`has a status that is not published: ${status}`]
      : this.#against(schema, answer)
  }

  #against(schema: Schema, value: unknown): readonly string[] {
    let validate = this.#compiled.get(schema)
    if (validate === undefined) {
      validate = this.#ajv.compile(withAbsoluteRefs(strictSchema(schema)))
      this.#compiled.set(schema, validate)
    }
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath || 'as a whole', message, JSON.stringify(params)].join(' '),
    )
  }
}

const UNSIGNED: readonly (readonly [string, number])[] = [
  ['uint', Number.MAX_SAFE_INTEGER],
  ['uint8', 2 ** 8 - 1],
  ['uint32', 2 ** 32 - 1],
  ['uint64', 2 ** 64],
]

function wildcards(template: string): number {
  return template.split('{').length
}

function parsed(text: string): unknown {
  return /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text) ? JSON.parse(text) : text
}

/** References of a schema that stands outside the document. */
function withAbsoluteRefs(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${ID}#/`)) as Schema
}
