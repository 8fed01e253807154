import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-reporter-'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const reporter = join(import.meta.dirname, 'closing-line-reporter.ts')
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { ClosingLineReporter } from '${reporter}'
     export default { test: { reporters: ['default', new ClosingLineReporter()] } }`,
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a run that passes ends with its count', () => {
  const { status, lines } = runTests({ 'a.test.ts': "test('x', () => {}); test('y', () => {})" })
  expect(lines.at(-1)).toBe('2 passed, 0 failed')
  expect(lines.join()).not.toContain('SKIPPED')
  expect(status).toBe(0)
})

test('what was skipped is listed with its reason', () => {
  const { lines } = runTests({
    'a.test.ts': "test('x', () => {}); test('y', (context) => context.skip('no KAFKA_URL'))",
    'b.test.ts': "describe.skip('z', () => { test('w', () => {}) })",
  })
  expect(lines).toContain('2 SKIPPED:')
  expect(lines).toContain('  a.test.ts: y (no KAFKA_URL)')
  expect(lines).toContain('  b.test.ts: z > w')
  expect(lines.at(-1)).toBe('1 passed, 0 failed')
})

test('a server that is not there is one line, with all the files that need it', () => {
  const need = 'needs kafka: start it with `npm run servers -- up kafka`'
  const { status, lines } = runTests({
    'a.test.ts': `test.skip('${need}', () => {})`,
    'b.test.ts': `describe('log', () => { test.skip('${need}', () => {}) }); test.skip('x', () => {})`,
  })
  expect(lines.slice(-4)).toEqual([
    '3 SKIPPED:',
    `  a.test.ts, b.test.ts ${need}`,
    '  b.test.ts: x',
    '0 passed, 0 failed',
  ])
  expect(status).toBe(0)
})

test('a file that cannot be loaded and an error outside every test count as failed', () => {
  const { status, lines } = runTests({
    'a.test.ts': "test('x', () => { throw new Error('x') })",
    'b.test.ts': "throw new Error('cannot be loaded')",
    'c.test.ts': "test('y', () => { setImmediate(() => { throw new Error('late') }) })",
    'd.test.ts':
      "describe('z', () => { beforeAll(() => { throw new Error('hook') }); test('w', () => {}) })",
  })
  expect(lines).toContain('1 passed, 4 failed')
  expect(status).toBe(1)
})

function runTests(files: Readonly<Record<string, string>>) {
  for (const [name, source] of Object.entries(files)) {
    const imports = "import { beforeAll, describe, test } from 'vitest'"
    writeFileSync(join(folder, name), `${imports}\n${source}\n`)
  }
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--no-color', '--root', folder],
    { cwd: folder, encoding: 'utf8' },
  )
  return { status, lines: stdout.trimEnd().split('\n') }
}
