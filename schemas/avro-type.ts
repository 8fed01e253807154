import avro, { type Schema, type Type } from 'avsc'
import { BoundedArrayType } from './bounded-array-type.ts'

/** The `avsc` type of a schema given as a JSON value. @throws Error when it is not a valid Avro schema */
export function avroType(schema: unknown): Type {
  // avsc modifies the schema it is given.
  return avro.Type.forSchema(structuredClone(schema) as Schema, {
    omitRecordMethods: true,
    typeHook: (part, options) =>
      isArraySchema(part) ? new BoundedArrayType(part, options) : undefined,
  })
}

function isArraySchema(schema: Schema): boolean {
  return typeof schema === 'object' && 'type' in schema && schema.type === 'array'
}
