import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync, type TSSignature, type TSType } from 'oxc-parser'
import type { OpenApiDocument, Operation, Schema } from './openapi-document.ts'

/** Made by Qdrant's client from the OpenAPI document of its version, and installed with it. */
const TYPES = new URL(
  '../types/openapi/generated_schema.d.ts',
  import.meta.resolve('@qdrant/js-client-rest'),
)

/**
 * Qdrant's API as its client's types have it: paths, parameters, bodies and answers. Formats and ranges of numbers are
 * not in types; the OpenAPI document itself has them.
 */
export function apiFromTypes(): OpenApiDocument {
  const [paths, operations, components] = ['paths', 'operations', 'components'].map(interfaces())
  const operationOf = ({ $ref = '' }: Schema) => toOperation(at(operations, [nameIn($ref)]))
  return {
    paths: mapValues(at(paths, []).properties, (methods) =>
      mapValues(methods.properties, operationOf),
    ),
    components: { schemas: at(components, ['schemas']).properties ?? {} },
  }
}

function interfaces(): (name: string) => Schema {
  const path = fileURLToPath(TYPES)
  const { program } = parseSync(path, readFileSync(path, 'utf8'))
  const bodies = new Map<string, readonly TSSignature[]>()
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue
    const { declaration } = statement
    if (declaration?.type === 'TSInterfaceDeclaration') {
      bodies.set(declaration.id.name, declaration.body.body)
    }
  }
  return (name) => objectOf(bodies.get(name) ?? [])
}

function toOperation(operation: Schema): Operation {
  const query = at(operation, ['parameters', 'query']).properties
  const body = at(operation, ['requestBody', 'content', 'application/json'])
  const isJson = Object.keys(body).length > 0
  return {
    parameters: Object.entries(query ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      schema,
    })),
    ...(isJson && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: mapValues(at(operation, ['responses']).properties, (response) => ({
      content: mapValues(at(response, ['content']).properties, (schema) => ({ schema })),
    })),
  }
}

function schemaOf(type: TSType): Schema {
  switch (type.type) {
    case 'TSParenthesizedType':
      return schemaOf(type.typeAnnotation)
    case 'TSTypeLiteral':
      return objectOf(type.members)
    case 'TSArrayType':
      return { type: 'array', items: schemaOf(type.elementType) }
    case 'TSUnionType':
      return unionOf(type.types)
    case 'TSIndexedAccessType':
      return { $ref: `#/${pathOf(type).join('/')}` }
    case 'TSTypeReference':
      return referenceOf(type)
    case 'TSLiteralType':
      return { const: literalOf(type) }
    case 'TSStringKeyword':
      return { type: 'string' }
    case 'TSNumberKeyword':
      return { type: 'number' }
    case 'TSBooleanKeyword':
      return { type: 'boolean' }
    case 'TSNullKeyword':
      return { type: 'null' }
    case 'TSUnknownKeyword':
      return {}
    case 'TSNeverKeyword':
    case 'TSUndefinedKeyword':
      return { not: {} }
    default:
      throw new Error(`${fileURLToPath(TYPES)} has a type that is not understood: ${type.type}`)
  }
}

function objectOf(members: readonly TSSignature[]): Schema {
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  let additionalProperties: boolean | Schema = false
  for (const member of members) {
    if (member.type === 'TSIndexSignature') {
      additionalProperties = schemaOf(member.typeAnnotation.typeAnnotation)
    } else if (member.type === 'TSPropertySignature' && member.typeAnnotation) {
      const { key } = member
      const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? key.value : ''
      properties[String(name)] = schemaOf(member.typeAnnotation.typeAnnotation)
      if (!member.optional) required.push(String(name))
    }
  }
  return { type: 'object', properties, required, additionalProperties }
}

/** `Record<string, unknown>` beside other types is what the generator made of "or null": it would let anything pass. */
function unionOf(types: readonly TSType[]): Schema {
  const flat = types.flatMap(membersOf)
  const others = flat.filter((type) => !isAnyRecord(type))
  const isAnything = others.every(({ type }) => type === 'TSNullKeyword')
  return { anyOf: (isAnything ? flat : others).map(schemaOf) }
}

function membersOf(type: TSType): readonly TSType[] {
  if (type.type === 'TSParenthesizedType') return membersOf(type.typeAnnotation)
  return type.type === 'TSUnionType' ? type.types.flatMap(membersOf) : [type]
}

function isAnyRecord(type: TSType): boolean {
  return nameOf(type) === 'Record' && argumentsOf(type)[1]?.type === 'TSUnknownKeyword'
}

/** `Record<string, T>` or `OneOf<[A, B]>`. */
function referenceOf(type: TSType): Schema {
  const [first, second] = argumentsOf(type)
  if (nameOf(type) === 'Record' && second) {
    return { type: 'object', additionalProperties: schemaOf(second) }
  }
  if (nameOf(type) === 'OneOf' && first?.type === 'TSTupleType') {
    return { anyOf: first.elementTypes.map((element) => schemaOf(element as TSType)) }
  }
  throw new Error(
    `${fileURLToPath(TYPES)} refers to a type that is not understood: ${nameOf(type)}`,
  )
}

function nameOf(type: TSType): string | undefined {
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier'
    ? type.typeName.name
    : undefined
}

function argumentsOf(type: TSType): readonly TSType[] {
  return type.type === 'TSTypeReference' ? (type.typeArguments?.params ?? []) : []
}

/** `components["schemas"]["Filter"]` as its parts. */
function pathOf(type: TSType): readonly string[] {
  if (type.type !== 'TSIndexedAccessType') return [nameOf(type) ?? '']
  return [...pathOf(type.objectType), String(literalOf(type.indexType))]
}

function literalOf(type: TSType): unknown {
  return type.type === 'TSLiteralType' && 'value' in type.literal ? type.literal.value : undefined
}

function at(schema: Schema | undefined, path: readonly string[]): Schema {
  return path.reduce<Schema>((inner, name) => inner.properties?.[name] ?? {}, schema ?? {})
}

function nameIn(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

function mapValues<A, B>(values: Readonly<Record<string, A>> = {}, map: (value: A) => B) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]))
}
