import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { outputOf } from '#app/output.fixture.ts'
import { doctorCommand } from './doctor.ts'

const doctor = (...args: string[]) =>
  outputOf(() => doctorCommand().parseAsync(args, { from: 'user' }))
const temporary = () => mkdtempDisposable(join(tmpdir(), 'freshet-doctor-'))
const NOBODY = 'http://127.0.0.1:1'

test('a folder that was never used is well: every engine says so, as JSON for programs', async () => {
  await using folder = await temporary()
  // The default address is not asked for by name: nothing need answer there.
  vi.stubEnv('FRESHET_URL', undefined)
  const { stdout, stderr, exitCode } = await doctor('--data', join(folder.path, 'new'), '--json')
  const { healthy, findings } = JSON.parse(stdout) as {
    healthy: boolean
    findings: { check: string; state: string }[]
  }
  expect({ stderr, healthy, exitCode }).toEqual({ stderr: '', healthy: true, exitCode: 0 })
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['log', 'tables', 'vectors', 'cache', 'registry', 'text model']),
  )
})

test('an instance that was named and does not answer has failed, whatever the folder holds', async () => {
  await using folder = await temporary()
  const { stdout, stderr, exitCode } = await doctor('--url', NOBODY, '--data', folder.path)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
  expect(stderr).toContain(
    `✗ instance     nothing answers at ${NOBODY}; start it, or leave --url out to look at the folder`,
  )
  expect(stderr).toMatch(/✓ registry/)
})

test('so has one that the environment names', async () => {
  await using folder = await temporary()
  vi.stubEnv('FRESHET_URL', NOBODY)
  const { stdout, exitCode } = await doctor('--data', folder.path, '--json')
  vi.unstubAllEnvs()
  expect(JSON.parse(stdout)).toMatchObject({ healthy: false, running: false })
  expect(exitCode).toBe(1)
})

test('a server that does not answer is named without its password, and the others are still looked at', async () => {
  await using folder = await temporary()
  vi.stubEnv('VECTORS_URL', 'qdrant://:secret@127.0.0.1:1')
  const { stderr, exitCode } = await doctor('--data', folder.path)
  vi.unstubAllEnvs()
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/✗ vectors +qdrant:\/\/127\.0\.0\.1:1: /)
  expect(stderr).toMatch(/✓ registry/)
  expect(stderr).not.toContain('secret')
})
