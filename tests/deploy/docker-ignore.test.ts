import { expect, test } from 'vitest'
import { dockerIgnore } from './docker-ignore.ts'

const isIgnored = dockerIgnore('# all but the program\n*\n!app\n!docs/errors\n**/*.test.ts\n')

test.each([
  ['.env', true],
  ['README.md', true],
  ['data/log/file', true],
  ['docs/operations/a.md', true],
  ['docs/errors/a.md', false],
  ['app/main.ts', false],
  ['app/deep/main.ts', false],
  ['app/deep/main.test.ts', true],
  ['application/main.ts', true],
])('%s: out of the context is %s', (path, expected) => {
  expect(isIgnored(path)).toBe(expected)
})
