import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { startClickHouseStandIn } from '#cluster/stand-ins/clickhouse/start-clickhouse-stand-in.ts'
import { tablesContract } from '../contract.ts'
import { tablesSchemaContract } from '../contract-schema.ts'
import { openClickHouseTables } from './clickhouse-tables.ts'

const folder = await mkdtemp(join(tmpdir(), 'freshet-clickhouse-'))
const standIn = await startClickHouseStandIn({ folder })
afterAll(async () => {
  await standIn[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
const urlOf = (database: string) => standIn.url.replace(/\/freshet$/, `/${database}`)

tablesContract('clickhouse', () => openClickHouseTables({ url: urlOf('contract') }))
tablesSchemaContract('clickhouse', () => openClickHouseTables({ url: urlOf('contract_schema') }))
