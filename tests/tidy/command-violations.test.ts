import { expect, test } from 'vitest'
import { commandViolations } from './command-violations.ts'
import { readJson, readText, repositoryFiles } from './repository.ts'

const { scripts } = readJson('package.json') as { scripts: Readonly<Record<string, string>> }
const commands = {
  // commander adds `help` by itself.
  verbs: new Set(['help', ...repositoryFiles().flatMap(verbsOf)]),
  scripts: new Set(Object.keys(scripts)),
}
const files = repositoryFiles()
  .filter((path) => /\.(md|ts|js|html|ya?ml|sql|example)$|(^|\/)(Dockerfile|run)$/.test(path))
  .filter((path) => !path.startsWith('tests/tidy/'))
  .map((path) => ({ path, source: readText(path) }))

test('every command that is named is there', () => {
  expect(files.flatMap((file) => commandViolations(file, commands))).toEqual([])
  expect(commands.verbs.size).toBeGreaterThan(9)
  expect(files.length).toBeGreaterThan(300)
})

test.each([
  ['run `freshet replay` to fill them again', 'freshet replay'],
  ['npm run freshet -- dlq list', 'freshet dlq'],
  ['npm run --silent freshet -- verify --json', 'freshet verify'],
  ['`npm run backup`', 'the script backup'],
  ['npm run --silent bench:nothing', 'the script bench:nothing'],
])('"%s" is refused', (source, named) => {
  const violations = commandViolations({ path: 'docs/a.md', source }, commands)
  expect(violations).toHaveLength(1)
  expect(violations[0]).toContain(`${named}, which`)
})

test('existing commands are accepted, with and without options', () => {
  const source = 'npm run --silent freshet -- sql, freshet doctor, npm run check, Freshet is well'
  expect(commandViolations({ path: 'docs/a.md', source }, commands)).toEqual([])
})

/** The verbs that a file of commands declares. */
function verbsOf(path: string): readonly string[] {
  if (!/^app\/commands\/[\w-]+(?<!\.test)\.ts$/.test(path)) return []
  return [...readText(path).matchAll(/new Command\('(\w+)'/g)].map(([, verb = '']) => verb)
}
