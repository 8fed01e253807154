import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { absolute, readJson } from './repository.ts'

/** Goal: every gate of `npm run check` really fails. Method: a small package with one violation of each rule. */
const PLANTED = {
  'cycle-a.ts': "import { b } from './cycle-b.ts'\nexport const a = (): void => b()\n",
  'cycle-b.ts': "import { a } from './cycle-a.ts'\nexport const b = (): void => a()\n",
  'promises.ts': `
export async function later() {}
export function floats() { later() }
export function misuses() { [1].forEach(async () => { await later() }) }
export async function waits() { await 1 }
`,
  'types.ts': `
export function narrows(kind: 'a' | 'b') { switch (kind) { case 'a': return 1 } }
export function trusts(text: string) { const value = JSON.parse(text); return value.a.b() }
export const anything: any = 1
export function throws() { throw 'text' }
export const sure = [1].at(0)!
export enum Size { Small }
export class Point { constructor(readonly x: number) {} }
export const first: number = [1][0]
export const gone: { a?: number } = { a: undefined }
`,
  'habits.ts': `
export function loose(a: number) { return a == 1 }
export function speaks() { console.log('x') }
export function many(a: number, b: number, c: number, d: number, e: number) { return a + b + c + d + e }
export function deep(a: number) { if (a) { if (a > 1) { if (a > 2) { if (a > 3) { if (a > 4) { return 1 } } } } } return 0 }
export function long() {\n${'  speaks()\n'.repeat(80)}}
export default 1
`,
  'notKebab.ts': 'export const a = 1\n',
} as const

const folder = plantedPackage()
afterAll(() => rmSync(folder, { recursive: true }))

describe('oxlint, which knows types', () => {
  const output = run('oxlint', ['--type-aware', '--format', 'unix', 'pipeline'])

  test.each([
    'import(no-cycle)',
    'typescript(no-floating-promises)',
    'typescript(no-misused-promises)',
    'typescript(await-thenable)',
    'typescript(switch-exhaustiveness-check)',
    'typescript(no-unsafe-assignment)',
    'typescript(no-unsafe-member-access)',
    'typescript(no-unsafe-call)',
    'typescript(no-unsafe-return)',
    'typescript(no-explicit-any)',
    'typescript(only-throw-error)',
    'eslint(eqeqeq)',
    'eslint(no-console)',
    'eslint(max-params)',
    'eslint(max-depth)',
    'eslint(max-lines-per-function)',
  ])('refuses %s', (rule) => expect(output).toContain(rule))
})

describe('biome', () => {
  const output = run('biome', ['check', '--max-diagnostics=none', '--colors=off', 'pipeline'])

  test.each([
    'noDefaultExport',
    'noNonNullAssertion',
    'noExplicitAny',
    'noImportCycles',
    'noConsole',
    'useFilenamingConvention',
    'Formatter would have printed',
  ])('refuses %s', (rule) => expect(output).toContain(rule))
})

describe('tsc', () => {
  const output = run('tsc', ['--noEmit', '--pretty', 'false'])

  test.each([
    ['an enum, which Node cannot strip', 'types.ts(7,13): error TS1294'],
    ['a parameter property, too', 'types.ts(8,34): error TS1294'],
    ['an element that may not be there', 'types.ts(9,14): error TS2322'],
    ['undefined where a key may only be absent', 'types.ts(10,14): error TS2375'],
  ])('refuses %s', (_, error) => expect(output).toContain(error))
})

test('knip refuses a file that nobody uses', () => {
  expect(run('knip', [])).toContain('Unused files (6)')
})

function plantedPackage(): string {
  const root = mkdtempSync(join(tmpdir(), 'freshet-lint-'))
  const write = (name: string, value: unknown) =>
    writeFileSync(join(root, name), typeof value === 'string' ? value : JSON.stringify(value))

  mkdirSync(join(root, 'pipeline'))
  for (const [name, source] of Object.entries(PLANTED)) write(join('pipeline', name), source)
  for (const name of ['.oxlintrc.json', 'knip.json']) cpSync(absolute(name), join(root, name))
  write('package.json', { name: 'planted', type: 'module' })
  write('biome.json', { ...(readJson('biome.json') as object), vcs: { enabled: false } })
  write('tsconfig.json', {
    extends: absolute('tsconfig.json'),
    compilerOptions: { typeRoots: [absolute('node_modules/@types')] },
    include: ['pipeline'],
  })
  return root
}

/** What the tool says; it has to refuse. */
function run(tool: string, options: readonly string[]): string {
  const bin = absolute('node_modules/.bin')
  const { status, stdout, stderr } = spawnSync(join(bin, tool), options, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` },
  })
  expect(status, stderr).not.toBe(0)
  return stdout + stderr
}
