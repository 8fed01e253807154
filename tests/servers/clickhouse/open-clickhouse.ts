import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClickHouseStandInOptions,
  startClickHouseStandIn,
} from '#dev/stand-ins/clickhouse/start-clickhouse-stand-in.ts'
import { openClickHouseTables } from '#engines/tables/clickhouse/clickhouse-tables.ts'

/** A ClickHouse for the tests of one file. */
export interface TestClickHouse extends AsyncDisposable {
  /** The URL of a database that nobody else uses, and that goes away with this. */
  urlOf(name: string): string
}

/** The server of `TEST_CLICKHOUSE_URL`; without one the stand-in, in this process. */
export async function testClickHouse(): Promise<TestClickHouse> {
  const url = process.env['TEST_CLICKHOUSE_URL'] || undefined
  return url === undefined ? testStandIn() : realServer(url)
}

/** The stand-in, also when there is a server. */
export async function testStandIn(
  options: Omit<ClickHouseStandInOptions, 'folder'> = {},
): Promise<TestClickHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-clickhouse-'))
  const standIn = await startClickHouseStandIn({ ...options, folder })
  return {
    urlOf: (name) => withDatabase(standIn.url, name),
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

async function realServer(url: string): Promise<TestClickHouse> {
  const prefix = `freshet_test_${randomBytes(4).toString('hex')}`
  const databases = new Set<string>()
  return {
    urlOf(name) {
      databases.add(`${prefix}_${name}`)
      return withDatabase(url, `${prefix}_${name}`)
    },
    async [Symbol.asyncDispose]() {
      await using tables = await openClickHouseTables({ url: withDatabase(url, 'default') })
      for (const database of databases) await tables.command(`DROP DATABASE IF EXISTS ${database}`)
    },
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}
