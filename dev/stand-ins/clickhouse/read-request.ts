import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { exception } from './clickhouse-exception.ts'
import { type InsertOfData, splitInsert } from './split-insert.ts'

/** Largest body, also once it is decompressed. */
const BODY_BYTES_MAX = 256_000_000

/** What one request asks for. */
export interface StandInRequest {
  readonly queryId: string
  readonly work: { readonly sql: string } | InsertOfData
  readonly database: string
  readonly settings: ReadonlyMap<string, string>
  /** Of the answer, unless the statement names one. */
  readonly format: string
  readonly acceptsGzip: boolean
}

/** Parameters of the URL that are no settings. */
const RESERVED: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'stacktrace',
  'buffer_size',
  'wait_end_of_query',
  'client_protocol_version',
])

/** Those that only a server can keep its word on. */
const NOT_HERE: readonly string[] = ['session_id', 'role', 'compress', 'decompress']

/** @throws ClickHouseException for what the stand-in cannot do; Error when the body broke off: nothing of it may run then */
export async function readRequest(request: IncomingMessage, url: URL): Promise<StandInRequest> {
  const parameters = url.searchParams
  for (const name of NOT_HERE) {
    if (parameters.has(name)) throw notHere(`the parameter ${name}`)
  }
  if (request.headers['content-type']?.startsWith('multipart/'))
    throw notHere('multipart/form-data')
  const query = parameters.get('query') ?? ''
  const body = await readBody(request)
  const text = query === '' ? body : Buffer.concat([Buffer.from(`${query}\n`), body])
  return {
    queryId:
      parameters.get('query_id') ?? headerOf(request, 'x-clickhouse-query-id') ?? randomUUID(),
    work: splitInsert(text) ?? { sql: text.toString() },
    database: headerOf(request, 'x-clickhouse-database') ?? parameters.get('database') ?? 'default',
    settings: settingsOf(request, parameters),
    format:
      headerOf(request, 'x-clickhouse-format') ??
      parameters.get('default_format') ??
      'TabSeparated',
    acceptsGzip: /\bgzip\b/.test(request.headers['accept-encoding'] ?? ''),
  }
}

function settingsOf(request: IncomingMessage, parameters: URLSearchParams): Map<string, string> {
  const settings = new Map([...parameters].filter(([name]) => name !== '' && !RESERVED.has(name)))
  // A GET cannot write.
  if (request.method === 'GET' && !settings.has('readonly')) settings.set('readonly', '2')
  return settings
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // The rest is still taken in: the answer is read only after the whole request was sent.
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
  }
  if (bytes > BODY_BYTES_MAX) throw tooLarge()
  return decompressed(Buffer.concat(chunks), request.headers['content-encoding'])
}

const DECOMPRESS: Readonly<Record<string, (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => promisify(gunzip)(body, LIMIT),
  deflate: (body) => promisify(inflate)(body, LIMIT),
  br: (body) => promisify(brotliDecompress)(body, LIMIT),
  zstd: (body) => promisify(zstdDecompress)(body, LIMIT),
}
const LIMIT = { maxOutputLength: BODY_BYTES_MAX }

async function decompressed(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body
  const decompress = DECOMPRESS[encoding]
  if (decompress === undefined) throw notHere(`Content-Encoding: ${encoding}`)
  try {
    return await decompress(body)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw exception(354, 'ZLIB_INFLATE_FAILED', `The body is no ${encoding}: ${String(cause)}`)
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function notHere(what: string) {
  return exception(
    48,
    'NOT_IMPLEMENTED',
    `${what} is not implemented by the stand-in for ClickHouse`,
  )
}

function tooLarge() {
  return exception(229, 'QUERY_IS_TOO_LARGE', `The body has more than ${BODY_BYTES_MAX} bytes`)
}
