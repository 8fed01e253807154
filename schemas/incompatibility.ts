import { avroType } from './avro-type.ts'

/**
 * Why `reader` cannot read what `writer` wrote, or undefined when it can: Avro's rule of schema resolution.
 * Both are schemas as JSON values.
 */
export function incompatibility(reader: unknown, writer: unknown): string | undefined {
  try {
    avroType(reader).createResolver(avroType(writer))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
