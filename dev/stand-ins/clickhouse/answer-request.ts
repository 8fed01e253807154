import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ChdbResult } from 'chdb'
import { bareSql } from '#engines/tables/sql-text.ts'
import type { ChdbStatements } from './chdb-statements.ts'
import { checkLogin } from './check-login.ts'
import { exception, exceptionOf, statusOf } from './clickhouse-exception.ts'
import { readRequest, type StandInRequest } from './read-request.ts'

export interface AnswerOptions {
  readonly statements: ChdbStatements
  readonly password: string
}

/** Answers one request as ClickHouse would, except that a result is never streamed: it is sent when the statement has ended. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { statements, password }: AnswerOptions,
): Promise<void> {
  response.setHeader('Server', 'Freshet stand-in for ClickHouse')
  response.setHeader('X-Freshet-Stand-In', 'chDB')
  response.setHeader('X-ClickHouse-Server-Display-Name', 'Freshet stand-in for ClickHouse')
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (
    /^\/(ping)?$/.test(url.pathname) &&
    request.method === 'GET' &&
    !url.searchParams.has('query')
  ) {
    response.end('Ok.\n')
    return
  }
  try {
    refuseBrowsers(request)
    checkLogin(request, url, password)
    const asked = await readRequest(request, url)
    response.setHeader('X-ClickHouse-Query-Id', asked.queryId)
    const result = await statements.run(asked, closingOf(asked, response))
    await sendResult(asked, result, response)
  } catch (error) {
    await sendException(error, request, response)
  }
}

/** A web page could otherwise post statements to this local port. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  if (headers.origin !== undefined) {
    throw exception(497, 'ACCESS_DENIED', 'The stand-in for ClickHouse answers no web pages')
  }
}

/** With this setting a read-only query is stopped when its client disconnects. */
function closingOf({ settings }: StandInRequest, response: ServerResponse): AbortSignal {
  const closing = new AbortController()
  const readsOnly = (settings.get('readonly') ?? '0') !== '0'
  if (readsOnly && settings.get('cancel_http_readonly_queries_on_client_close') === '1') {
    response.once('close', () => closing.abort())
  }
  return closing.signal
}

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^JSON.*EachRow/, 'application/x-ndjson; charset=UTF-8'],
  [/^JSON/, 'application/json; charset=UTF-8'],
  [/^CSV/, 'text/csv; charset=UTF-8; header=absent'],
  [/^(TSV|TabSeparated)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^(RowBinary|RawBLOB|Native|Parquet|Arrow)/, 'application/octet-stream'],
]

async function sendResult(
  asked: StandInRequest,
  result: ChdbResult,
  response: ServerResponse,
): Promise<void> {
  const format = formatOf(asked)
  const [, type = 'text/plain; charset=UTF-8'] =
    CONTENT_TYPES.find(([names]) => names.test(format)) ?? []
  response.setHeader('Content-Type', type)
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Timezone', asked.settings.get('session_timezone') ?? 'UTC')
  const summary = summaryOf(asked, result)
  response.setHeader('X-ClickHouse-Summary', summary)
  if (asked.settings.get('send_progress_in_http_headers') === '1') {
    response.setHeader('X-ClickHouse-Progress', summary)
  }
  const bytes = result.bytes()
  const compress = asked.acceptsGzip && asked.settings.get('enable_http_compression') === '1'
  if (compress && bytes.length > 0) {
    response.setHeader('Content-Encoding', 'gzip')
    response.end(await promisify(gzip)(bytes))
  } else {
    response.end(bytes)
  }
}

/** ClickHouse sends counts as strings; those that chDB does not report are 0. */
function summaryOf({ work }: StandInRequest, result: ChdbResult): string {
  const rows = String(result.rowsRead)
  const bytes = String(result.bytesRead)
  const inserted = 'data' in work
  return JSON.stringify({
    read_rows: rows,
    read_bytes: bytes,
    written_rows: inserted ? rows : '0',
    written_bytes: inserted ? bytes : '0',
    total_rows_to_read: '0',
    result_rows: rows,
    result_bytes: bytes,
    elapsed_ns: String(Math.round(result.elapsed * 1e9)),
  })
}

function formatOf({ work, format }: StandInRequest): string {
  if (!('sql' in work)) return format
  return /\bFORMAT\s+(\w+)[\s;]*$/i.exec(bareSql(work.sql))?.[1] ?? format
}

async function sendException(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The client has disconnected, perhaps in the middle of its request.
  if (response.destroyed || (request.destroyed && !request.complete)) return
  if (!request.complete) {
    request.resume()
    await once(request, 'close').catch(() => undefined)
  }
  const { code, message } = exceptionOf(error)
  response.statusCode = statusOf(code)
  response.setHeader('X-ClickHouse-Exception-Code', code)
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  response.end(`${message}\n`)
}
