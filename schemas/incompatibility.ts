import type { Type } from 'avsc'

/** Why `reader` cannot read what `writer` wrote, or undefined when it can: Avro's rule of schema resolution. */
export function incompatibility(reader: Type, writer: Type): string | undefined {
  try {
    reader.createResolver(writer)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
