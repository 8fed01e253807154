import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { absolute, readText, repositoryFiles, type SourceFile } from './repository.ts'

const pages = repositoryFiles()
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, source: readText(path) }))

test('every link between pages leads somewhere', () => {
  expect(pages.flatMap(deadLinks)).toEqual([])
  expect(pages.length).toBeGreaterThan(30)
})

test('a link into nothing is refused', () => {
  const source = '[a](b.md) [c](../README.md#top) [d](https://example.org/e) [f](#g)'
  expect(deadLinks({ path: 'docs/errors/a.md', source })).toEqual([
    'docs/errors/a.md leads to b.md',
    'docs/errors/a.md leads to ../README.md',
  ])
})

function deadLinks({ path, source }: SourceFile): readonly string[] {
  return [...source.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(absolute(join(dirname(path), target))))
    .map((target) => `${path} leads to ${target}`)
}
