import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Response, Router } from 'express'
import { methodNotAllowed } from './method-not-allowed.ts'

const PAGE = fileURLToPath(new URL('../page', import.meta.url))
const UPLOT = dirname(fileURLToPath(import.meta.resolve('uplot')))
const UPLOT_FILES = { 'uplot.js': 'uPlot.esm.js', 'uplot.css': 'uPlot.min.css' } as const
const ASSET = /\.(?:css|js|svg)$/

/** Everything comes from here and nothing may be framed, posted or run inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The live page and its assets, uPlot among them: no build step, no other host. */
export function pageRoutes(): Router {
  const router = Router()
  router
    .route('/')
    .get((_request, response) => {
      response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY)
      sendFile(response, PAGE, 'index.html')
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  for (const file of readdirSync(PAGE).filter((name) => ASSET.test(name))) {
    asset(file, PAGE, file)
  }
  for (const [name, file] of Object.entries(UPLOT_FILES)) asset(name, UPLOT, file)
  return router

  function asset(name: string, root: string, file: string): void {
    router
      .route(`/assets/${name}`)
      .get((_request, response) => sendFile(response, root, file))
      .all(methodNotAllowed('GET', 'HEAD'))
  }
}

/** The names carry no version, so browsers ask each time and mostly hear 304. */
function sendFile(response: Response, root: string, file: string): void {
  response.sendFile(file, { root, cacheControl: false, headers: { 'Cache-Control': 'no-cache' } })
}
