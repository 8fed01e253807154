import { describe, expect, test } from 'vitest'
import { codeViolations, shapeViolations } from './file-rules.ts'
import { readText, repositoryFiles, typeScriptFiles } from './repository.ts'

const SHAPED = /^(?!docs\/|models\/|demo\/|schemas\/events\/versions\/).*\.(ts|js|css|html|sql)$/

const shaped = repositoryFiles().filter((path) => SHAPED.test(path))
const sources = typeScriptFiles()

test('files are small and named after what they are', () => {
  const files = shaped.map((path) => ({ path, source: readText(path) }))
  expect(files.flatMap(shapeViolations)).toEqual([])
})

test('no barrels, no reading of the environment or of chance, nothing left to do', () => {
  expect(sources.flatMap(codeViolations)).toEqual([])
})

test('the files were read', () => {
  expect(sources.length).toBeGreaterThan(60)
  expect(shaped.length).toBeGreaterThan(sources.length)
})

describe('names and sizes', () => {
  const lines = (count: number) => 'const a = 1\n'.repeat(count)

  test.each([
    ['pipeline/string-utils.ts', '"utils" says nothing'],
    ['engines/common/a.ts', '"common" says nothing'],
    ['app/engine-manager.ts', '"manager" says nothing'],
    ['serving/helpers.test.ts', '"helpers" says nothing'],
    ['pipeline/eventTime.ts', 'kebab-case'],
    ['pipeline/event_time.ts', 'kebab-case'],
    ['Pipeline/a.ts', 'kebab-case'],
  ])('%s is refused', (path, reason) => {
    expect(shapeViolations({ path, source: '' }).join()).toContain(reason)
  })

  test('a file of 300 lines is the largest, a test may have 500', () => {
    expect(shapeViolations({ path: 'pipeline/a.ts', source: lines(300) })).toEqual([])
    expect(shapeViolations({ path: 'pipeline/a.ts', source: lines(301) })).toHaveLength(1)
    expect(shapeViolations({ path: 'pipeline/a.test.ts', source: lines(500) })).toEqual([])
    expect(shapeViolations({ path: 'pipeline/a.test.ts', source: lines(501) })).toHaveLength(1)
  })

  test('.ci/run and numbered files are well named', () => {
    expect(shapeViolations({ path: '.ci/run', source: '' })).toEqual([])
    expect(shapeViolations({ path: 'schemas/tables/001-raw-events.sql', source: '' })).toEqual([])
  })
})

describe('the environment', () => {
  test.each([
    ["const a = process.env['A']"],
    ['const a = process.env.A'],
    ["const a = process['env']"],
    ['const { env } = process'],
    ["import { env } from 'node:process'"],
    ["process.env['A'] ??= '1'"],
  ])('%s reads it', (source) => {
    const violation = 'serving/a.ts reads the environment: only app/config.ts does'
    expect(codeViolations({ path: 'serving/a.ts', source })).toEqual([violation])
    expect(codeViolations({ path: 'app/config.ts', source })).toEqual([])
    expect(codeViolations({ path: 'serving/a.test.ts', source })).toEqual([])
  })

  test('setting a variable for a library is no reading', () => {
    const source = "process.env['UV_THREADPOOL_SIZE'] = '16'"
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
