import type { ApiDescription } from '#http/open-api-document.ts'

const DESCRIPTION = `Send what happens in the shop to \`POST /v1/events\`; recommendations and trends reflect it within a second.

- JSON is in snake_case, times are RFC 3339 in UTC with milliseconds, money is in whole minor units beside an ISO 4217 \`currency\`, ids are strings.
- **Answers may gain fields**; none is renamed or removed. Unknown query parameters, and unknown fields of a body, are refused by name; only events may carry unknown fields, which are dropped.
- **The error of every operation is a problem** (RFC 9457) whose \`type\` is the address of a page that says what to do.
- Every address listed here answers \`OPTIONS\` with 204 and \`Allow\`, and \`HEAD\` where it answers \`GET\`. Letter case and a trailing slash matter.
- A rate limit (\`RATE_LIMIT_PER_MINUTE\`, off by default) is reported in \`RateLimit\` and \`RateLimit-Policy\`.`

/** What the document says of Freshet as a whole. */
export const API_DESCRIPTION: ApiDescription = {
  info: {
    title: 'Freshet',
    // Of the API, not of the product: calls and fields are added to v1, never renamed or removed.
    version: '1.0.0',
    summary: 'Events in, live trends and recommendations out.',
    description: DESCRIPTION,
    contact: { name: 'The maintainers of Freshet' },
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  tags: {
    events: 'What happens in the shop.',
    recommendations: 'What to show next, and why.',
    trends: 'What is happening now, and what happened.',
    operations: 'Health, metrics, the ledger, read-only SQL, and the API itself.',
    page: 'The live page.',
  },
}
