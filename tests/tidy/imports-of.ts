import { posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import type { SourceFile } from './repository.ts'

/** What an import names: a file of the repository, by its path from the root, or a package. */
export type Imported =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }

/**
 * Everything that a file imports: statically, dynamically, as a type, by re-export or as a worker's URL. Types count,
 * because a type must come from below too.
 */
export function importsOf(file: SourceFile): readonly Imported[] {
  return specifiersOf(file).map((specifier) => resolve(file.path, specifier))
}

function specifiersOf({ path, source }: SourceFile): readonly string[] {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`Parsing ${path}: ${errors[0]?.message}`)

  const specifiers: string[] = []
  const add = (node: { readonly type: string; readonly value?: unknown } | null | undefined) => {
    if (node?.type === 'Literal' && typeof node.value === 'string') specifiers.push(node.value)
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    NewExpression: ({ callee, arguments: [target, base] }) => {
      // new URL('./worker.ts', import.meta.url); a URL of anything else is data.
      const isUrl = callee.type === 'Identifier' && callee.name === 'URL'
      const isCode = target?.type === 'Literal' && String(target.value).endsWith('.ts')
      if (isUrl && isCode && base?.type === 'MemberExpression') add(target)
    },
  }).visit(program)
  return specifiers
}

function resolve(importer: string, specifier: string): Imported {
  if (specifier.startsWith('#')) return { kind: 'file', path: specifier.slice(1) }
  if (specifier.startsWith('.')) {
    return { kind: 'file', path: posix.join(posix.dirname(importer), specifier) }
  }
  const [first = '', second = ''] = specifier.split('/')
  return { kind: 'package', name: first.startsWith('@') ? `${first}/${second}` : first }
}
