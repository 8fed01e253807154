import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerRequest } from './answer-request.ts'
import { ChdbStatements } from './chdb-statements.ts'

export interface ClickHouseStandInOptions {
  /** chDB's folder: one per process, and one process per folder. Created when absent. */
  readonly folder: string
  /** On 127.0.0.1; default 0, a free port. */
  readonly port?: number
  /** Password of the user `default`; default none. */
  readonly password?: string
  /** Idle connections are closed after this; default 10 s, as in ClickHouse. */
  readonly keepAliveMs?: number
}

export interface ClickHouseStandIn extends AsyncDisposable {
  /** In the form of Freshet's settings, without the password: `clickhouse://127.0.0.1:8123/freshet`. */
  readonly url: string
}

const KEEP_ALIVE_MS = 10_000
/** Running statements may go on for this long when it closes. */
const CLOSING_MS = 5_000

/**
 * chDB, ClickHouse's engine as a library, behind the part of ClickHouse's HTTP interface that its client uses. Only the
 * user `default`, no sessions, no clusters, no file access control: for development and tests on one machine. Set
 * `UV_THREADPOOL_SIZE` before any import: every running statement holds a thread.
 * @throws EngineError DATA_FOLDER_IN_USE, ENGINE_REFUSED, ENGINE_CORRUPT
 */
export async function startClickHouseStandIn(
  options: ClickHouseStandInOptions,
): Promise<ClickHouseStandIn> {
  const { folder, port = 0, password = '', keepAliveMs = KEEP_ALIVE_MS } = options
  const statements = new ChdbStatements(folder, runningMax())
  const server = createServer((request, response) => {
    void answerRequest(request, response, { statements, password })
  })
  server.keepAliveTimeout = keepAliveMs
  // No limit on how long a body takes; statements have their own.
  server.requestTimeout = 0
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    await statements[Symbol.asyncDispose]()
    throw error
  }
  return {
    url: `clickhouse://127.0.0.1:${(server.address() as AddressInfo).port}/freshet`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      const hurry = setTimeout(() => server.closeAllConnections(), CLOSING_MS)
      await closed
      clearTimeout(hurry)
      await statements[Symbol.asyncDispose]()
    },
  }
}

/** All threads of libuv's pool but one, which is for KILL QUERY. */
function runningMax(): number {
  return Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1)
}
