import { describe, expect, test } from 'vitest'
import { codeViolations } from './code-violations.ts'
import { typeScriptFiles } from './repository.ts'

test('no barrels, no reading of the environment, clock or random numbers, no TODO', () => {
  const sources = typeScriptFiles()
  expect(sources.flatMap(codeViolations)).toEqual([])
  expect(sources.length).toBeGreaterThan(100)
})

describe('the environment', () => {
  test.each([
    ["const a = process.env['A']"],
    ['const a = process.env.A'],
    ["const a = process['env']"],
    ['const { env } = process'],
    ["import { env } from 'node:process'"],
    ["const a = (process.env['A'] ??= '1')"],
  ])('%s reads it', (source) => {
    const violation = 'serving/a.ts reads the environment: only app/config.ts does'
    expect(codeViolations({ path: 'serving/a.ts', source })).toEqual([violation])
    expect(codeViolations({ path: 'app/config.ts', source })).toEqual([])
    expect(codeViolations({ path: 'serving/a.test.ts', source })).toEqual([])
  })

  test.each(['=', '??='])('setting a variable by %s for a library is no reading', (operator) => {
    const source = `process.env['UV_THREADPOOL_SIZE'] ${operator} '16'`
    expect(codeViolations({ path: 'app/main.ts', source })).toEqual([])
  })
})

describe('clock and chance', () => {
  test.each([
    ['Date.now()', 'Date.now'],
    ['const now = Date.now', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Math.random()', 'Math.random'],
  ])('%s is refused where a replay must agree', (source, call) => {
    const violation = `pipeline/a.ts calls ${call}: inject it`
    expect(codeViolations({ path: 'pipeline/a.ts', source })).toEqual([violation])
    expect(codeViolations({ path: 'pipeline/a.test.ts', source })).toEqual([])
    expect(codeViolations({ path: 'ingest/a.ts', source })).toEqual([])
  })

  test('a date made of a time is fine', () => {
    expect(codeViolations({ path: 'pipeline/a.ts', source: 'new Date(time)' })).toEqual([])
  })
})

describe('barrels', () => {
  test.each([
    ['engines/index.ts', 'const a = 1'],
    ['engines/all.ts', "export * from './a.ts'\nexport { b } from './b.ts'"],
    ['engines/all.ts', "import { a } from './a.ts'\nexport { a }"],
  ])('%s with %j is one', (path, source) => {
    expect(codeViolations({ path, source })).toHaveLength(1)
  })

  test('a file that adds something, or only starts something, is none', () => {
    const adds = "export * from './a.ts'\nexport const b = 1"
    expect(codeViolations({ path: 'engines/a.ts', source: adds })).toEqual([])
    expect(codeViolations({ path: 'app/main.ts', source: "import './start.ts'" })).toEqual([])
  })
})

test.each(['TODO', 'FIXME', 'HACK'])('a comment that says %s is refused', (word) => {
  expect(codeViolations({ path: 'app/a.ts', source: `// ${word}: later` })).toHaveLength(1)
})
