import { type Request, type Response, Router } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'
import type { Listener, LiveHub } from '../live/live-hub.ts'
import { retryAfter } from '../live/server-sent-event.ts'
import { methodNotAllowed } from './method-not-allowed.ts'

const RETRY_MS = 2_000
/** A connection with this much unsent has stopped reading. */
const UNSENT_BYTES_MAX = 1024 * 1024

/** The live stream as Server-Sent Events. */
export function liveRoutes(hub: LiveHub, clientAddress: (request: Request) => string): Router {
  const router = Router()
  router
    .route('/v1/trends/live')
    .get((request, response) => {
      if (hub.isFull) {
        throw new ProblemError(
          'overloaded',
          'Too many listen to the live stream; try again later',
          {
            retryAfterSeconds: RETRY_MS / 1000,
          },
        )
      }
      const address = clientAddress(request)
      const limit = hub.limitOf(address)
      if (limit !== undefined) throw tooMany(limit)
      response.status(200).set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      })
      response.flushHeaders()
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      response.write(retryAfter(RETRY_MS))
      const remove = hub.add(listener(response, address), lastEventId(request.get('Last-Event-ID')))
      response.once('close', remove)
    })
    .all(methodNotAllowed('GET', 'HEAD'))
  return router
}

function tooMany(limit: number): ProblemError {
  const detail = `This address listens to the live stream ${limit} times already, which is the most of one address. Close one, or set TRUST_PROXY if these are many people behind a proxy.`
  return new ProblemError('too-many-requests', detail, { retryAfterSeconds: RETRY_MS / 1000 })
}

function listener(response: Response, address: string): Listener {
  return {
    address,
    write(text) {
      response.write(text)
      return response.writableLength <= UNSENT_BYTES_MAX
    },
    end() {
      // A connection that stopped reading never finishes `end`; what it did not take is of no use to it.
      if (response.writableLength > UNSENT_BYTES_MAX) response.destroy()
      else response.end()
    },
  }
}

function lastEventId(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
