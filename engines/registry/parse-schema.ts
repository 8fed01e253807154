import type { Type } from 'avsc'
import { refused } from '#engines/errors.ts'
import { avroType } from '#schemas/avro-type.ts'

/** Parses Avro JSON. @throws EngineError ENGINE_REFUSED with the reason */
export function parseSchema(schema: string): Type {
  try {
    return avroType(JSON.parse(schema))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`not an Avro schema: ${reason}`, { cause: error })
  }
}
