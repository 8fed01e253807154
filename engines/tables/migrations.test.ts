import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { applyMigrations, loadMigrations } from './migrations.ts'

test('the numbered SQL files of a folder are its migrations, in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-migrations-'))
  try {
    for (const file of ['010-late.sql', '002-early.sql', 'notes.sql', '003-wrong.txt']) {
      await writeFile(join(folder, file), `-- ${file}`)
    }
    const expected = [
      { name: '002-early', sql: '-- 002-early.sql' },
      { name: '010-late', sql: '-- 010-late.sql' },
    ]
    expect(await loadMigrations(pathToFileURL(folder))).toEqual(expected)
    expect(await loadMigrations(pathToFileURL(`${folder}/`))).toEqual(expected)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a crash before the note of a migration runs its statements again', async () => {
  const ran: string[] = []
  const crashing = {
    query: async () => [],
    command: async (sql: string) => {
      if (sql.startsWith('INSERT')) throw new Error('crash')
      ran.push(sql)
    },
  }
  const migrations = [
    { name: '001-a', sql: 'CREATE TABLE IF NOT EXISTS a;\nDROP VIEW IF EXISTS b;' },
  ]
  await expect(applyMigrations(crashing, migrations)).rejects.toThrow('crash')
  await expect(applyMigrations(crashing, migrations)).rejects.toThrow('crash')
  const statements = ['CREATE TABLE IF NOT EXISTS a', 'DROP VIEW IF EXISTS b']
  expect(ran.filter((sql) => !sql.includes('migrations'))).toEqual([...statements, ...statements])
})
