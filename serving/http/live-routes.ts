import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { stream } from '#http/answers.ts'
import { type HttpRequest, type Route, route } from '#http/route.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import type { Listener, LiveHub } from '../live/live-hub.ts'
import { retryAfter } from '../live/server-sent-event.ts'

const RETRY_MS = 2_000
/** A connection with this much unsent has stopped reading. */
const UNSENT_BYTES_MAX = 1024 * 1024

interface LiveDeps {
  readonly hub: LiveHub
  /** The client that a request counts for, where listeners are limited. */
  readonly clientAddress: (request: HttpRequest) => string
}

/** The live stream as Server-Sent Events. */
export const LIVE_ROUTES: readonly Route<LiveDeps>[] = [
  route({
    method: 'get',
    path: '/v1/trends/live',
    operationId: 'liveTrends',
    tag: 'trends',
    summary: 'The newest minutes, the movers and the ledger as Server-Sent Events.',
    description: [
      'Sends the events `trends` (every second), `movers` and `ledger`, each with JSON as its data.',
      '`ledger` has the answer of `/v1/ledger`; `movers` that of `/v1/products/trending`, with the `activity` of each product.',
      'Send `Last-Event-ID` to resume. Comments are sent as a heartbeat.',
    ].join(' '),
    headers: z.object({
      'Last-Event-ID': z.string().optional().describe('The `id` of the last event received.'),
    }),
    answer: stream('text/event-stream; charset=utf-8', {
      description: 'A stream that does not end by itself.',
      example: `${retryAfter(RETRY_MS)}id: 1\nevent: trends\ndata: {"minutes":[]}\n\n`,
    }),
    cacheControl: 'no-store',
    problems: ['overloaded'],
    handle({ request }, { hub, clientAddress }: LiveDeps) {
      if (hub.isFull) {
        throw new ProblemError(
          'overloaded',
          'The live stream has as many listeners as it can have; try again later',
          {
            retryAfterSeconds: RETRY_MS / 1000,
          },
        )
      }
      const address = clientAddress(request)
      const limit = hub.limitOf(address)
      if (limit !== undefined) throw tooMany(limit)
      return (response) => {
        response.write(retryAfter(RETRY_MS))
        const remove = hub.add(
          listener(response, address),
          lastEventId(request.get('Last-Event-ID')),
        )
        response.once('close', remove)
      }
    },
  }),
]

function tooMany(limit: number): ProblemError {
  const detail = `This address already has ${limit} live streams, the most that one address may have. Close one, or set TRUST_PROXY if these are many people behind a proxy.`
  return new ProblemError('too-many-requests', detail, { retryAfterSeconds: RETRY_MS / 1000 })
}

function listener(response: ServerResponse, address: string): Listener {
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
