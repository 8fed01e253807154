import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { file } from '#http/answers.ts'
import { type Route, route } from '#http/route.ts'
import { ProblemError } from '#schemas/http/problem.ts'

const PAGE = fileURLToPath(new URL('../page', import.meta.url))
const UPLOT = dirname(fileURLToPath(import.meta.resolve('uplot')))
const UPLOT_FILES = { 'uplot.js': 'uPlot.esm.js', 'uplot.css': 'uPlot.min.css' } as const
const ASSET = /\.(?:css|js|svg)$/

const ASSETS: ReadonlyMap<string, string> = new Map([
  ...readdirSync(PAGE)
    .filter((name) => ASSET.test(name))
    .map((name) => [name, join(PAGE, name)] as const),
  ...Object.entries(UPLOT_FILES).map(([name, path]) => [name, join(UPLOT, path)] as const),
])
/** The names carry no version, so browsers ask each time and mostly get 304. */
const CACHE_CONTROL = 'no-cache'

const page: Route<unknown> = route({
  method: 'get',
  path: '/',
  operationId: 'page',
  tag: 'page',
  summary: 'The live page.',
  description: 'What happens in the shop, as it happens. Needs no other host.',
  answer: file(['text/html'], 'The page.'),
  cacheControl: CACHE_CONTROL,
  isLimited: false,
  handle: () => join(PAGE, 'index.html'),
})

const asset: Route<unknown> = route({
  method: 'get',
  path: '/assets/{name}',
  operationId: 'asset',
  tag: 'page',
  summary: 'A file of the live page.',
  description: 'Its scripts, style sheets and icon.',
  params: z.object({ name: z.string().describe('The name of the file.') }),
  answer: file(['text/javascript', 'text/css', 'image/svg+xml'], 'The file.'),
  cacheControl: CACHE_CONTROL,
  problems: ['not-found'],
  isLimited: false,
  handle({ params: { name } }) {
    const path = ASSETS.get(name)
    if (path !== undefined) return path
    throw new ProblemError('not-found', `The live page has no file ${name}`)
  },
})

/** The live page and its assets, uPlot among them: no build step, no other host. */
export const PAGE_ROUTES: readonly Route<unknown>[] = [page, asset]
