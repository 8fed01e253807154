import { createDocument, type ZodOpenApiObject } from 'zod-openapi'
import { OPEN_API_ROUTE, type OpenApiDocument } from './open-api-route.ts'
import { HEADERS, operationOf, type SharedResponses } from './operation.ts'
import type { Declaration } from './route.ts'

/** What a document says of its API as a whole. */
export interface ApiDescription {
  readonly info: ZodOpenApiObject['info']
  /** The groups in which it lists the routes: what each is about, by its name. */
  readonly tags: Readonly<Record<string, string>>
}

const UNDESCRIBED: ApiDescription = { info: { title: 'API', version: '1.0.0' }, tags: {} }

/** The OpenAPI 3.1 document of routes, and of the one that answers it. @throws TypeError when two of them are the same */
export function openApiDocument(
  declared: readonly Declaration[],
  { info, tags }: ApiDescription = UNDESCRIBED,
): OpenApiDocument {
  const routes = [...declared, OPEN_API_ROUTE]
  assertDistinct(routes)
  const shared: SharedResponses = new Map()
  const byPath = Map.groupBy(routes, ({ path }) => path)
  const document = createDocument(
    {
      openapi: '3.1.0',
      info,
      servers: [{ url: '/', description: 'Where this document was read.' }],
      // There is no login: put a gateway in front.
      security: [],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths: Object.fromEntries(
        [...byPath].map(([path, same]) => [
          path,
          Object.fromEntries(same.map((each) => [each.method, operationOf(each, shared)])),
        ]),
      ),
      components: { headers: HEADERS },
    },
    {
      override: ({ jsonSchema, io }) => {
        // Answers may gain fields.
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties
      },
    },
  )
  return { ...document }
}

function assertDistinct(routes: readonly Declaration[]): void {
  const ids = routes.map(({ operationId }) => operationId)
  const calls = routes.map(({ method, path }) => `${method} ${path}`)
  const twice = [...ids, ...calls].find((name, i, all) => all.indexOf(name) !== i)
  if (twice !== undefined) throw new TypeError(`two routes are declared as ${twice}`)
}
