import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbeddedTables } from './embedded-tables.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-open-'))
})

afterEach(() => rm(folder, { recursive: true }))

const CREATE = 'CREATE TABLE IF NOT EXISTS t (n UInt8) ENGINE = MergeTree ORDER BY n'

/** Opens the folder in a process of its own and gives the code and message of the error, or nothing. */
async function openElsewhere(): Promise<string> {
  const script = `
    const { openEmbeddedTables } = await import(${JSON.stringify(import.meta.resolve('./embedded-tables.ts'))})
    try {
      const tables = await openEmbeddedTables({ folder: ${JSON.stringify(folder)} })
      await tables[Symbol.asyncDispose]()
    } catch (error) {
      process.stdout.write(error.code + ': ' + error.message)
    }`
  const run = promisify(execFile)
  return (await run(process.execPath, ['--input-type=module', '--eval', script])).stdout
}

test('what was written is there when the folder is opened again', async () => {
  {
    await using tables = await openEmbeddedTables({ folder })
    await tables.command(CREATE)
    await tables.command('INSERT INTO t VALUES (7)')
  }
  await using tables = await openEmbeddedTables({ folder })
  expect(await tables.query('SELECT n FROM t')).toEqual([{ n: 7 }])
  expect(await tables.read('SELECT n FROM t', 'TSV')).toBe('7\n')
})

test('a folder that another process uses is refused with its number', async () => {
  await using tables = await openEmbeddedTables({ folder })
  expect(await openElsewhere()).toBe(
    `DATA_FOLDER_IN_USE: the folder ${folder} is in use by process ${process.pid}: stop it or choose another folder`,
  )
  await tables.ping()
})

test('a folder is free once its tables are closed', async () => {
  await (await openEmbeddedTables({ folder }))[Symbol.asyncDispose]()
  expect(await openElsewhere()).toBe('')
})

test('a second folder in one process is refused', async () => {
  await using tables = await openEmbeddedTables({ folder: join(folder, 'a') })
  await expect(openEmbeddedTables({ folder: join(folder, 'b') })).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining('this process already uses another tables folder') as string,
  })
  await tables.ping()
})

test('a folder that cannot be made or is a pattern is refused', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(openEmbeddedTables({ folder: file })).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: `cannot write in the folder ${file} (EEXIST): choose another or change its permissions`,
  })
  await expect(openEmbeddedTables({ folder: join(folder, 'a*') })).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
  })
})

test('a damaged folder is reported with what to do', async () => {
  {
    await using tables = await openEmbeddedTables({ folder })
    await tables.command(CREATE)
  }
  await writeFile(join(folder, 'metadata', 'freshet.sql'), 'damaged')
  expect(await openElsewhere()).toMatch(/^ENGINE_CORRUPT: .*restore the folder from a copy/)
})

test('a damaged part is set aside with a warning', async () => {
  {
    await using tables = await openEmbeddedTables({ folder })
    await tables.command(CREATE)
    await tables.command('INSERT INTO t VALUES (7)')
  }
  const files = await readdir(folder, { recursive: true })
  const part = files.find((file) => /all_1_1_0.columns\.txt$/.test(file)) ?? ''
  await writeFile(join(folder, part), 'damaged')
  const warnings: unknown[] = []
  const logger = { warn: (...words: unknown[]) => warnings.push(words) }
  await using tables = await openEmbeddedTables({ folder, logger })
  expect(await tables.query('SELECT n FROM t')).toEqual([])
  expect(warnings).toEqual([
    [
      expect.objectContaining({ table: 't' }),
      'a damaged part of a table was set aside and its rows are missing: restore the folder from a copy, with the log of the same copy',
    ],
  ])
})

test('closed tables refuse, and what was running is finished first', async () => {
  const tables = await openEmbeddedTables({ folder })
  await tables.command(CREATE)
  const running = [tables.command('INSERT INTO t VALUES (1)'), tables.query('SELECT sleep(0.2)')]
  await tables[Symbol.asyncDispose]()
  expect((await Promise.allSettled(running)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
  ])
  await expect(tables.query('SELECT 1')).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  await expect(tables.command(CREATE)).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
})

test('an insert that closing overtakes is refused', async () => {
  const tables = await openEmbeddedTables({ folder })
  await tables.command(CREATE)
  const table = { name: 't', columns: { n: 'UInt8' } } as const
  const insert = tables.insert(table, [{ n: 1 }])
  const closing = tables[Symbol.asyncDispose]()
  await expect(insert).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  await closing
})

test('a query that needs more memory than there is fails, and the next one is answered', async () => {
  await using tables = await openEmbeddedTables({ folder, memoryBytesMax: 400_000_000 })
  const query = tables.query('SELECT length(groupArray(number)) FROM numbers(100000000)')
  await expect(query).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
  expect(await tables.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})
