import type { Type } from 'avsc'

/** The rule that every subject of a schema registry is held to, and the tests with it: each version reads all earlier ones. */
export const COMPATIBILITY = 'BACKWARD_TRANSITIVE'

/** Why `reader` cannot read what `writer` wrote, or undefined when it can: Avro's rule of schema resolution. */
export function incompatibility(reader: Type, writer: Type): string | undefined {
  try {
    reader.createResolver(writer)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
