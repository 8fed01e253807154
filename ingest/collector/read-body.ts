import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ProblemError } from '#schemas/http/problem.ts'
import type { ByteShare } from './byte-budget.ts'
import type { CollectorLimits } from './limits.ts'

interface ReadBodyOptions {
  readonly gzip: boolean
  readonly limits: CollectorLimits
  /** Where the bytes are booked for as long as they are in memory. */
  readonly share: ByteShare
}

/**
 * The body, inflated. Stops at the first byte beyond a limit, so that neither a long body nor a gzip bomb is ever held.
 * @throws ProblemError payload-too-large, overloaded, malformed-body
 */
export async function readBody(
  request: IncomingMessage,
  { gzip, limits, share }: ReadBodyOptions,
): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    if (announced > limits.bodyBytesMax) throw tooLarge(limits)
    for await (const chunk of gzip ? inflate(request) : whole(request)) {
      bytes += chunk.length
      if (bytes > limits.bodyBytesMax) throw tooLarge(limits)
      if (!share.take(chunk.length)) throw overloaded(limits)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof ProblemError ? error : unreadable(error)
  }
  const [only, ...more] = chunks
  return only !== undefined && more.length === 0 ? only : Buffer.concat(chunks, bytes)
}

/** Leaving the loop early must not destroy the request: its socket carries the answer. */
function whole(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false })
}

function inflate(request: IncomingMessage): Readable & AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  // `pipe` does not forward errors, and `pipeline` would destroy the request and with it the answer.
  request.once('error', (error) => gunzip.destroy(error))
  return request.pipe(gunzip)
}

function tooLarge({ bodyBytesMax }: CollectorLimits): ProblemError {
  return new ProblemError(
    'payload-too-large',
    `The body exceeds bodyBytesMax = ${bodyBytesMax} bytes (after inflating); send it in smaller batches.`,
  )
}

function overloaded({ retryAfterSeconds }: CollectorLimits): ProblemError {
  return new ProblemError(
    'overloaded',
    'Requests that are being worked on already fill inFlightBytesMax; send this one again later.',
    { retryAfterSeconds },
  )
}

function unreadable(cause: unknown): ProblemError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ProblemError('malformed-body', `The body cannot be read: ${reason}.`, { cause })
}
