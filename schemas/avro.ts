/**
 * Avro schemas as constants, and the TypeScript type that each of them describes.
 *
 * The schema is written once, `as const`; `Infer` computes the type from it, so the two cannot drift. Unions are
 * those of `avsc` unwrapped: `['null', 'string']` is `string | null`.
 */
export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'double' | 'string'

export type AvroType =
  | AvroPrimitive
  | readonly AvroType[]
  | { readonly type: 'long'; readonly logicalType: 'timestamp-millis' }
  | { readonly type: 'array'; readonly items: AvroType }
  | AvroEnum
  | AvroRecord

export interface AvroEnum {
  readonly type: 'enum'
  readonly name: string
  readonly symbols: readonly string[]
  /** Read in place of a symbol that this reader does not know yet. */
  readonly default: string
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  readonly default?: unknown
  readonly doc?: string
  readonly aliases?: readonly string[]
  /** Limits that ingest checks JSON input against; Avro readers ignore them. */
  readonly minimum?: number
  readonly maximum?: number
  /** Lengths of text are in UTF-8 bytes; on an array of strings they hold for each. */
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
}

export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly fields: readonly AvroField[]
}

interface PrimitiveTypes {
  null: null
  boolean: boolean
  int: number
  long: number
  double: number
  string: string
}

/** The TypeScript type of the values that an Avro schema describes. */
export type Infer<S> = S extends AvroPrimitive
  ? PrimitiveTypes[S]
  : S extends readonly (infer Branch)[]
    ? Infer<Branch>
    : S extends { readonly type: 'array'; readonly items: infer Items }
      ? Infer<Items>[]
      : S extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbols)[] }
        ? Symbols
        : S extends { readonly type: 'record'; readonly fields: readonly AvroField[] }
          ? { [F in S['fields'][number] as F['name']]: Infer<F['type']> }
          : S extends { readonly type: 'long' }
            ? number
            : never
