import { expect, test } from 'vitest'
import { readText, repositoryFiles } from './repository.ts'
import { shapeViolations } from './shape-violations.ts'

const SHAPED = /^(?!docs\/|models\/|demo\/|schemas\/events\/versions\/).*\.(ts|js|css|html|sql)$/

test('files are small and named after what they are', () => {
  const files = repositoryFiles().filter((path) => SHAPED.test(path))
  const violations = files.flatMap((path) => shapeViolations({ path, source: readText(path) }))
  expect(violations).toEqual([])
  expect(files.length).toBeGreaterThan(100)
})

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
