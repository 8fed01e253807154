import type { Schema } from './openapi-document.ts'

/**
 * OpenAPI's schema as JSON Schema, as strict as it can be read: an object takes no properties but those it lists, and "or
 * null", which Qdrant's document writes as a schema that anything passes, lets pass null only.
 */
export function strictSchema(schema: Schema): Schema {
  const { nullable, ...rest } = mapSchemas(schema, strictSchema)
  if (nullable === undefined) return closed(rest)
  return isEmpty(rest) ? { type: 'null' } : { anyOf: [closed(rest), { type: 'null' }] }
}

function closed(schema: Schema): Schema {
  const isOpen = schema.properties !== undefined && schema.additionalProperties === undefined
  return isOpen ? { ...schema, additionalProperties: false } : schema
}

function isEmpty(schema: Schema): boolean {
  return Object.keys(schema).length === 0
}

function mapSchemas(schema: Schema, map: (schema: Schema) => Schema): Schema {
  const { properties, additionalProperties, items, anyOf, oneOf, ...rest } = schema
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, map(inner)]),
      ),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean'
          ? additionalProperties
          : map(additionalProperties),
    }),
    ...(items && { items: map(items) }),
    ...(anyOf && { anyOf: anyOf.map(map) }),
    ...(oneOf && { oneOf: oneOf.map(map) }),
  }
}
