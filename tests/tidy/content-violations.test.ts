import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { contentViolations } from './content-violations.ts'
import { absolute, repositoryFiles } from './repository.ts'

const registry = new URL(execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }))
const files = repositoryFiles().map((path) => {
  const content = readFileSync(absolute(path))
  const text = content.includes(0) ? undefined : content.toString('utf8')
  return { path, bytes: content.length, text }
})

test('files are small enough, hold no path of a machine, and may be redistributed', () => {
  expect(files.flatMap((file) => contentViolations(file, registry.hostname))).toEqual([])
  expect(files.length).toBeGreaterThan(100)
})

test.each([
  ['a large file', { bytes: 6_000_001 }, 'at most 6000000'],
  ['an evaluation-only data set', { path: 'demo/rees46_electronics.events.csv.gz' }, 'evaluation'],
  ['another', { path: 'bench/data/MovieLens_100k.csv' }, 'evaluation only'],
  ['a folder of one machine', { text: `cd ${'/home'}/ann/freshet` }, 'one machine'],
  ['another', { text: `"${'/Users'}/ann/a.ts"` }, 'one machine'],
  ['a registry', { text: 'fetched from packages.example' }, 'package registry'],
])('%s is refused', (_, planted, reason) => {
  const file = { path: 'docs/a.md', bytes: 10, text: 'fine', ...planted }
  const violations = contentViolations(file, 'packages.example')
  expect(violations).toHaveLength(1)
  expect(violations[0]).toContain(reason)
})

test('a path in a URL or below another folder is no folder of a machine', () => {
  const text = 'https://example.org/home/page and frontend/root/a and /homework/a'
  expect(contentViolations({ path: 'a.md', bytes: 1, text }, 'packages.example')).toEqual([])
})
