import type { Request, RequestHandler, Response } from 'express'
import { ApiContract } from './api-contract.fixture.ts'
import type { Declaration } from './route.ts'

export interface AnswersHeld extends Disposable {
  /** Stands before all else of an app and reads what it answers. */
  readonly watch: RequestHandler
  /** What the document does not allow, so far. */
  readonly violations: readonly string[]
}

/** Holds every answer of an app to the document of its routes: status, headers and body. Disposing throws what was found. */
export function answersHeldTo(routes: readonly Declaration[]): AnswersHeld {
  const contract = new ApiContract(routes)
  const violations: string[] = []
  return {
    violations,
    watch(request, response, next) {
      const body = recorded(response)
      response.once('finish', () => {
        const { method } = request
        const path = declaredPath(request)
        const { statusCode: status } = response
        const headers = response.getHeaders()
        const wrong = contract.violations({ method, path, status, headers, body: body() })
        violations.push(...wrong.map((each) => `${method} ${request.originalUrl}: ${each}`))
      })
      next()
    },
    [Symbol.dispose]() {
      if (violations.length > 0)
        throw new Error(`answers that the document does not allow:\n${violations.join('\n')}`)
    },
  }
}

/** The path of the route that took the request, as it is declared. */
function declaredPath(request: Request): string | undefined {
  const route = request.route as { readonly path: string } | undefined
  return route?.path.replaceAll(/:(\w+)/g, '{$1}')
}

/** What will have been written, but for streams, which have no end. */
function recorded(response: Response): () => string {
  const chunks: Buffer[] = []
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk))
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
  }
  for (const name of ['write', 'end'] as const) {
    const original = response[name].bind(response) as (...args: readonly unknown[]) => unknown
    const recording = (...args: readonly unknown[]) => {
      if (response.getHeader('Content-Type')?.toString().startsWith('text/event-stream') !== true)
        keep(args[0])
      return original(...args)
    }
    Object.assign(response, { [name]: recording })
  }
  return () => Buffer.concat(chunks).toString()
}
