import { addAbortSignal, type Readable } from 'node:stream'
import type { ResponseHeaders } from '@clickhouse/client'
import { EngineError, type EngineErrorCode, refused } from '#engines/errors.ts'
import { errorOfException } from '../exception-words.ts'

/** An answer of any status, as the client returns it. */
export interface Answer {
  readonly stream: Readable
  readonly response_headers: ResponseHeaders
  readonly http_status_code?: number | undefined
}

interface Limits {
  readonly bytesMax: number
  /** Aborts reading. */
  readonly signal: AbortSignal
}

const MARKER = '__exception__'
/** Of an error page that a proxy may have sent. */
const PROXY_WORDS_MAX = 200

/**
 * The text of an answer that is whole and not an exception.
 * @throws EngineError for an exception of the engine, also one in the middle of the rows; Error when the answer broke off
 */
export async function readAnswer(answer: Answer, limits: Limits): Promise<string> {
  const { stream, response_headers: headers, http_status_code: status = 200 } = answer
  const chunks: Buffer[] = []
  try {
    await collect(stream, chunks, limits)
  } catch (error) {
    // The engine aborts the answer on purpose after it has written an exception into it.
    const words = exceptionWithin(textOf(chunks), headers)
    throw words === undefined ? error : errorOfException(words, error)
  }
  const text = textOf(chunks)
  const code = headers['x-clickhouse-exception-code']
  if (status < 200 || status > 299 || code !== undefined) throw failure(status, text)
  const words = headers['x-clickhouse-exception-tag'] && exceptionWithin(text, headers)
  if (words) throw errorOfException(words, undefined)
  return text
}

async function collect(stream: Readable, chunks: Buffer[], limits: Limits): Promise<void> {
  let bytes = 0
  for await (const chunk of addAbortSignal(limits.signal, stream) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limits.bytesMax) throw tooLarge(limits.bytesMax)
    chunks.push(chunk)
  }
}

/** The exception that the engine appends to a body that has begun: after a marker, and the tag that a header names. */
function exceptionWithin(text: string, headers: ResponseHeaders): string | undefined {
  const tag = headers['x-clickhouse-exception-tag']
  const start = typeof tag === 'string' ? `${MARKER}\r\n${tag}` : MARKER
  const at = text.indexOf(`${start}\r\n`)
  if (at < 0) return undefined
  const words = text.slice(at + start.length).trim()
  return words.replace(/\n\d+ \w+\r\n__exception__$/, '')
}

/** The error for an exception, or for the error page of a proxy. */
function failure(status: number, text: string): EngineError {
  if (/Code: \d+/.test(text)) return errorOfException(text, undefined)
  const code = codeOfStatus(status)
  const words = text.replace(/\s+/g, ' ').trim().slice(0, PROXY_WORDS_MAX)
  return new EngineError(code, `the tables answered ${status}: ${words}`)
}

function codeOfStatus(status: number): EngineErrorCode {
  if (status === 429) return 'ENGINE_OVERLOADED'
  if (status === 504 || status === 408) return 'ENGINE_TIMEOUT'
  return status >= 500 ? 'ENGINE_UNAVAILABLE' : 'ENGINE_REFUSED'
}

function tooLarge(bytesMax: number): EngineError {
  const message = `the answer has more than ${bytesMax} bytes: ask for fewer rows with LIMIT, or for fewer columns`
  return refused(message)
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString()
}
