import avro, { type Schema, type Type } from 'avsc'

/** The `avsc` type of a schema given as a JSON value. @throws Error when it is not a valid Avro schema */
export function avroType(schema: unknown): Type {
  // avsc writes into the schema that it is given.
  return avro.Type.forSchema(structuredClone(schema) as Schema, { omitRecordMethods: true })
}
