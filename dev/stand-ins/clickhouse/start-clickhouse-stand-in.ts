import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerRequest } from './answer-request.ts'
import { ChdbStatements } from './chdb-statements.ts'

export interface ClickHouseStandInOptions {
  /** Of chDB: one folder in a process, and one process on a folder. Made when absent. */
  readonly folder: string
  /** On 127.0.0.1; a free one when 0 or left out. */
  readonly port?: number
  /** Of the user `default`; none when left out. */
  readonly password?: string
  /** An idle connection is closed after this; default 10 s, as in ClickHouse. */
  readonly keepAliveMs?: number
}

export interface ClickHouseStandIn extends AsyncDisposable {
  /** As Freshet takes it, without the password: `clickhouse://127.0.0.1:8123/freshet`. */
  readonly url: string
}

const KEEP_ALIVE_MS = 10_000
/** What still runs when it is to close may go on for so long. */
const CLOSING_MS = 5_000

/**
 * chDB, the engine of ClickHouse as a library, behind the part of ClickHouse's HTTP interface that its client uses. It
 * has no users but `default`, no sessions, no clusters and no limits on who reads which file: for development and
 * tests on one machine. Set `UV_THREADPOOL_SIZE` before anything is imported: every running statement holds a thread.
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
  // A large body over a slow line may take its time; the statement has its own limit.
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

/** All threads of libuv's pool but one, which stops the others. */
function runningMax(): number {
  return Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1)
}
