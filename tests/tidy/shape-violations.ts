import { isTestFile } from './is-test-file.ts'
import type { SourceFile } from './repository.ts'

const LINES_MAX = 300
const TEST_LINES_MAX = 500

/** Names that say nothing: a file is named after the one thing it exports. */
const EMPTY_NAMES = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'misc']

/** What is wrong with the name or the size of a file, one sentence each. */
export function shapeViolations({ path, source }: SourceFile): readonly string[] {
  const empty = path.split(/[/.-]/).filter((word) => EMPTY_NAMES.includes(word))
  const violations = empty.map((word) => `${path}: "${word}" says nothing; name what it is`)

  const isKebab = path.split('/').every((part) => /^\.?[a-z0-9]+([.-][a-z0-9]+)*$/.test(part))
  if (!isKebab) violations.push(`${path}: names are kebab-case`)

  const lines = source.split('\n').length - 1
  const linesMax = isTestFile(path) ? TEST_LINES_MAX : LINES_MAX
  if (lines > linesMax) {
    violations.push(`${path} has ${lines} lines, at most ${linesMax}: split a concept out`)
  }
  return violations
}
