import { basename } from 'node:path'
import { type Program, parseSync, Visitor } from 'oxc-parser'
import { isTestFile } from './is-test-file.ts'
import type { SourceFile } from './repository.ts'

/** Folders whose order of events is event time and whose choices can be replayed. */
const DETERMINISTIC = ['pipeline', 'processors', 'recommender']

/** What is wrong with what a TypeScript file does, one sentence each. */
export function codeViolations({ path, source }: SourceFile): readonly string[] {
  const { program, comments } = parseSync(path, source)
  const isTest = isTestFile(path)
  const violations = comments
    .filter(({ value }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(value))
    .map(({ value }) => `${path}: "${value.trim()}": do it, or open an issue`)

  if (isBarrel(path, program)) {
    violations.push(`${path} only passes others on: import them where they are`)
  }
  if (!isTest && path !== 'app/config.ts' && readsEnvironment(program)) {
    violations.push(`${path} reads the environment: only app/config.ts does`)
  }
  if (!isTest && DETERMINISTIC.includes(path.split('/')[0] ?? '')) {
    violations.push(...ambientCalls(program).map((call) => `${path} calls ${call}: inject it`))
  }
  return violations
}

function isBarrel(path: string, { body }: Program): boolean {
  const passesOn = body.every(
    (statement) =>
      statement.type === 'ImportDeclaration' ||
      statement.type === 'ExportAllDeclaration' ||
      (statement.type === 'ExportNamedDeclaration' && statement.declaration === null),
  )
  return basename(path) === 'index.ts' || (body.length > 0 && passesOn && !isSideEffectOnly(body))
}

function isSideEffectOnly(body: Program['body']): boolean {
  return body.every(({ type }) => type === 'ImportDeclaration')
}

/** Whether it reads `process.env`, however it comes by it; setting a variable for a library (`=`, `??=`) is no reading. */
function readsEnvironment(program: Program): boolean {
  let reads = false
  const written = new Set<unknown>()
  new Visitor({
    ExpressionStatement: ({ expression }) => {
      if (expression.type !== 'AssignmentExpression') return
      if (expression.left.type === 'MemberExpression') written.add(expression.left.object)
    },
    MemberExpression: (node) => {
      const { object, property } = node
      const name = property.type === 'Identifier' ? property.name : undefined
      const text = property.type === 'Literal' ? property.value : name
      if (isNamed(object, 'process') && text === 'env' && !written.has(node)) reads = true
    },
    VariableDeclarator: ({ id, init }) => {
      if (isNamed(init, 'process') && id.type === 'ObjectPattern') reads = true
    },
    ImportDeclaration: ({ source, specifiers }) => {
      if (!['process', 'node:process'].includes(source.value)) return
      const names = specifiers.map(({ local }) => local.name)
      if (names.includes('env')) reads = true
    },
  }).visit(program)
  return reads
}

/** The calls by which a file reads the wall clock or chance. */
function ambientCalls(program: Program): readonly string[] {
  const calls: string[] = []
  new Visitor({
    MemberExpression: ({ object, property }) => {
      if (property.type !== 'Identifier') return
      if (isNamed(object, 'Date') && property.name === 'now') calls.push('Date.now')
      if (isNamed(object, 'Math') && property.name === 'random') calls.push('Math.random')
    },
    NewExpression: ({ callee, arguments: given }) => {
      if (isNamed(callee, 'Date') && given.length === 0) calls.push('new Date()')
    },
  }).visit(program)
  return calls
}

function isNamed(node: { type: string } | null, name: string): boolean {
  return node?.type === 'Identifier' && (node as { name?: string }).name === name
}
