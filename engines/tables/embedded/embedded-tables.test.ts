import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { tablesContract } from '../contract.ts'
import { openEmbeddedTables } from './embedded-tables.ts'

const folder = await mkdtemp(join(tmpdir(), 'freshet-tables-'))
afterAll(() => rm(folder, { recursive: true }))

tablesContract('embedded', () => openEmbeddedTables({ folder }))
