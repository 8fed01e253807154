import { type IncomingHttpHeaders, request } from 'node:http'
import express, { type RequestHandler } from 'express'
import { pino } from 'pino'
import { problemHandler } from '#http/problem-handler.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'

interface Asked {
  readonly method?: string
  readonly path?: string
  /** `Host` among them, which `fetch` does not let choose. */
  readonly headers?: Readonly<Record<string, string>>
}

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server that answers `/v1/x` to every method with `taken`, once `guards` have let the request through. */
export function guarded(guards: readonly RequestHandler[], trustProxy = 0): Promise<HttpServer> {
  const app = express().set('trust proxy', trustProxy)
  for (const guard of guards) app.use(guard)
  app.all('/v1/x', (_request, response) => void response.send('taken'))
  app.use(problemHandler(pino({ level: 'silent' })))
  return startHttpServer({ host: '127.0.0.1', port: 0, app })
}

/** Sends one request with just these headers. */
export function ask(url: string, { method = 'GET', path = '/v1/x', headers = {} }: Asked) {
  return new Promise<Answered>((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
    sent.once('error', reject).end()
  })
}
