import { createDocument } from 'zod-openapi'
import { OPEN_API_ROUTE, type OpenApiDocument } from './open-api-route.ts'
import { HEADERS, operationOf } from './operation.ts'
import { type Declaration, TAGS } from './route.ts'

/** Of the API, not of the product: calls and fields are added to v1, never renamed or dropped. */
const VERSION = '1.0.0'

const DESCRIPTION = `Send what happens in the shop to \`POST /v1/events\`; recommendations and trends know of it within a second.

- JSON is in snake_case, times are RFC 3339 in UTC with milliseconds, money is whole minor units beside an ISO 4217 \`currency\`, ids are strings.
- **Answers may gain fields**; none is renamed or dropped. Unknown query parameters, and unknown fields of a body, are refused by name; only events may carry fields that are not known here, which are dropped.
- **Every error is a problem** (RFC 9457) whose \`type\` leads to a page that says what to do.
- Every address answers \`OPTIONS\` with 204 and \`Allow\`, and \`HEAD\` where it answers \`GET\`. Letter case and a slash at the end matter.
- A rate limit (\`RATE_LIMIT_PER_MINUTE\`, off by default) is told in \`RateLimit\` and \`RateLimit-Policy\`.`

/** The OpenAPI 3.1 document of routes, and of the one that answers it. @throws TypeError when two of them are the same */
export function openApiDocument(declared: readonly Declaration[]): OpenApiDocument {
  const routes = [...declared, OPEN_API_ROUTE]
  assertDistinct(routes)
  const byPath = Map.groupBy(routes, ({ path }) => path)
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Freshet',
        version: VERSION,
        summary: 'Events in, live trends and recommendations out.',
        description: DESCRIPTION,
        contact: { name: 'The maintainers of Freshet' },
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'Where this document was read.' }],
      // There is no login: put a gateway in front.
      security: [],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths: Object.fromEntries(
        [...byPath].map(([path, same]) => [
          path,
          Object.fromEntries(same.map((each) => [each.method, operationOf(each)])),
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
