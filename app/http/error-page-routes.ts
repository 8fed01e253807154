import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { file } from '#http/answers.ts'
import { type Route, route } from '#http/route.ts'
import { ProblemError } from '#schemas/http/problem.ts'

const FOLDER = fileURLToPath(new URL('../../docs/errors', import.meta.url))
const PAGES: ReadonlySet<string> = new Set(
  readdirSync(FOLDER).filter((name) => name.endsWith('.md')),
)

/** The pages that the `type` of a problem leads to: every process answers with problems, so every process has them. */
export const ERROR_PAGE_ROUTES: readonly Route<unknown>[] = [
  route({
    method: 'get',
    path: '/docs/errors/{page}',
    operationId: 'errorPage',
    tag: 'operations',
    summary: 'What a problem means, and what to do.',
    description: 'The `type` of every problem leads to a page here; `README.md` lists them all.',
    params: z.object({
      page: z.string().describe('The name of the page, such as `invalid-request.md`.'),
    }),
    answer: file(['text/markdown'], 'The page.'),
    cacheControl: 'no-cache',
    problems: ['not-found'],
    isLimited: false,
    handle({ params: { page } }) {
      if (PAGES.has(page)) return join(FOLDER, page)
      throw new ProblemError('not-found', `There is no page ${page}; README.md lists them all`)
    },
  }),
]
