import type { Type } from 'avsc'

/** The compatibility level of every subject in the schema registry: each version reads all earlier ones. */
export const COMPATIBILITY = 'BACKWARD_TRANSITIVE'

/** Why `reader` cannot read what `writer` wrote, by Avro's schema resolution; undefined when it can. */
export function incompatibility(reader: Type, writer: Type): string | undefined {
  try {
    reader.createResolver(writer)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
