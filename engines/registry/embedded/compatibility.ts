import avro, { type Schema, type Type } from 'avsc'
import { EngineError } from '#engines/errors.ts'

/** Parses Avro JSON. @throws EngineError ENGINE_REFUSED with the reason */
export function parseSchema(schema: string): Type {
  try {
    return avro.Type.forSchema(JSON.parse(schema) as Schema)
  } catch (error) {
    throw new EngineError('ENGINE_REFUSED', `not an Avro schema: ${reasonOf(error)}`, {
      retriable: false,
      cause: error,
    })
  }
}

/** Why `reader` cannot read what `writer` wrote, or undefined if it can. */
export function incompatibility(reader: Type, writer: Type): string | undefined {
  try {
    reader.createResolver(writer)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
