import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '#app/config.ts'
import { EngineError } from '#engines/errors.ts'
import { folderChecks, machineChecks, runChecks } from './checks.ts'

test('one check that fails stops none after it', async () => {
  const findings = await runChecks([
    ['first', () => 'well'],
    ['second', () => Promise.reject(new Error('broken; mend it'))],
    ['third', async () => 'well too'],
  ])
  expect(findings).toEqual([
    { check: 'first', state: 'ok', detail: 'well' },
    { check: 'second', state: 'failed', detail: 'broken; mend it' },
    { check: 'third', state: 'ok', detail: 'well too' },
  ])
})

test('a folder that a running process holds is a warning: it cannot be looked into, and is no fault', async () => {
  const inUse = new EngineError('DATA_FOLDER_IN_USE', 'in use')
  const refused = new EngineError('ENGINE_REFUSED', 'refused')
  const findings = await runChecks([
    ['log', () => Promise.reject(inUse)],
    ['tables', () => Promise.reject(refused)],
  ])
  expect(findings.map(({ state }) => state)).toEqual(['warning', 'failed'])
})

test('the machine that runs the tests is described truly', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'freshet-doctor-'))
  const findings = await runChecks([
    ...machineChecks(),
    ...folderChecks(loadConfig({ data: folder.path }, {})),
  ])
  expect(findings.map(({ check }) => check)).toEqual([
    'node',
    'platform',
    'memory',
    'data folder',
    'reindex',
  ])
  const [node, platform, memory, data] = findings
  expect(node).toEqual({ check: 'node', state: 'ok', detail: `Node ${process.version}` })
  expect(platform?.detail).toContain(`${process.platform} ${process.arch}`)
  expect(memory?.state).toBe(freemem() >= 1e9 ? 'ok' : 'failed')
  expect(data?.detail).toMatch(new RegExp(`^${folder.path}, \\d+\\.\\d GB free`))
})

test('a data folder that is not there yet is well, and one that is a file is not', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'freshet-doctor-'))
  const dataFolder = async (data: string) => {
    const checks = folderChecks(loadConfig({ data }, {}))
    return (await runChecks(checks)).find(({ check }) => check === 'data folder')
  }
  const missing = join(folder.path, 'missing')
  expect(await dataFolder(missing)).toEqual({
    check: 'data folder',
    state: 'ok',
    detail: `${missing} is not there yet; \`freshet start\` makes it`,
  })
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const finding = await dataFolder(file)
  expect(finding?.state).toBe('failed')
  expect(finding?.detail).toContain('is a file; choose another with --data')
})
