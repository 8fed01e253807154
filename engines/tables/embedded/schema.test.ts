import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { tablesSchemaContract } from '../contract-schema.ts'
import { openEmbeddedTables } from './embedded-tables.ts'

const folder = await mkdtemp(join(tmpdir(), 'freshet-schema-'))
afterAll(() => rm(folder, { recursive: true }))

tablesSchemaContract('embedded', () => openEmbeddedTables({ folder }))
