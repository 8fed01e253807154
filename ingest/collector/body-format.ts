import type { IncomingHttpHeaders } from 'node:http'
import { ProblemError } from '#schemas/http/problem.ts'

export interface BodyFormat {
  /** `json` is one event or `{"events":[…]}`; `ndjson` is one event per line. */
  readonly syntax: 'json' | 'ndjson'
  readonly gzip: boolean
}

/** `text/plain` is what navigator.sendBeacon sends without a preflight; no type at all is taken as JSON. */
const SYNTAX_BY_TYPE: Readonly<Record<string, BodyFormat['syntax']>> = {
  '': 'json',
  'application/json': 'json',
  'text/plain': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
}

const GZIP_BY_ENCODING: Readonly<Record<string, boolean>> = {
  identity: false,
  gzip: true,
  'x-gzip': true,
}

/** How the body is written, by its headers. @throws ProblemError unsupported-media-type */
export function bodyFormat(headers: IncomingHttpHeaders): BodyFormat {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const syntax = own(SYNTAX_BY_TYPE, type.trim())
  if (syntax === undefined)
    throw unsupported(`"${type.trim()}" is not read here: send application/json or x-ndjson.`)

  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='))
  if (charset !== undefined && !/^charset="?(utf-8|utf8|us-ascii)"?$/.test(charset))
    throw unsupported(`${charset} is not read here: send UTF-8.`)

  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  const gzip = own(GZIP_BY_ENCODING, encoding)
  if (gzip === undefined)
    throw unsupported(`Content-Encoding "${encoding}" is not read here: send gzip or none.`)
  return { syntax, gzip }
}

function own<V>(table: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function unsupported(detail: string): ProblemError {
  return new ProblemError('unsupported-media-type', detail)
}
