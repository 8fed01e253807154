import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { ENGINE_ERROR_CODES } from '#engines/errors.ts'
import { REJECTION_CODES } from '#schemas/http/events-accepted.ts'
import { PROBLEM_KINDS } from '#schemas/http/problem.ts'
import { readText, repositoryFiles } from './repository.ts'

const names = [...ENGINE_ERROR_CODES, ...Object.keys(PROBLEM_KINDS)]
const pages = repositoryFiles()
  .filter((path) => /^docs\/errors\/(?!README).*\.md$/.test(path))
  .map((path) => ({ name: basename(path, '.md'), text: readText(path) }))

test('every error has a page, and every page an error', () => {
  expect(pages.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  expect(names.length).toBeGreaterThan(20)
})

test.each(pages)('the page of $name says what it means and what to do', ({ name, text }) => {
  expect(text.startsWith(`# ${name}\n`)).toBe(true)
  expect(text).toContain('\n## What to do\n')
  expect(text.length).toBeGreaterThan(200)
})

test.each(names)('the index leads to %s', (name) => {
  expect(readText('docs/errors/README.md')).toContain(`(${name}.md)`)
})

test('the codes of rejected events are explained, word for word', () => {
  const rows = Object.entries(REJECTION_CODES).map(([code, text]) => `| \`${code}\` | ${text} |`)
  expect(readText('docs/errors/no-event-accepted.md')).toContain(rows.join('\n'))
})
