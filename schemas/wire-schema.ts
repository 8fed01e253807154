import type { AvroField, AvroRecord, AvroType } from './avro.ts'

/**
 * The schema without the limits that only ingest knows: what is registered, published and kept. So a limit can move
 * without a new version, and a new version always means that the bytes or their meaning changed.
 */
export function wireSchema(schema: AvroRecord): AvroRecord {
  return { ...schema, fields: schema.fields.map(wireField) }
}

function wireField(field: AvroField): AvroField {
  return {
    name: field.name,
    type: wireType(field.type),
    ...('default' in field && { default: field.default }),
    ...(field.doc !== undefined && { doc: field.doc }),
    ...(field.aliases !== undefined && { aliases: field.aliases }),
  }
}

function wireType(type: AvroType): AvroType {
  if (isUnion(type)) return type.map(wireType)
  if (typeof type === 'string') return type
  if (type.type === 'record') return wireSchema(type)
  if (type.type === 'array') return { ...type, items: wireType(type.items) }
  return type
}

function isUnion(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type)
}
