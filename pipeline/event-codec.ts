import type { Type } from 'avsc'
import { EngineError } from '#engines/errors.ts'
import type { Registry } from '#engines/registry/port.ts'
import { avroType } from '#schemas/avro-type.ts'
import {
  type CommerceEvent,
  EVENT_SCHEMAS,
  EVENT_TYPES,
  type EventType,
  isEventType,
  topicOf,
} from '#schemas/events.ts'
import { wireSchema } from '#schemas/wire-schema.ts'

/** Confluent framing: byte 0, the schema id as a big-endian int32, then Avro. */
const FRAME_BYTES = 5

/** What came of reading a record's value. `unknown-schema` may be known later: `learn` it, then decode again. */
export type Decoded =
  | { readonly kind: 'event'; readonly event: CommerceEvent }
  | { readonly kind: 'undecodable'; readonly reason: string }
  | { readonly kind: 'unknown-schema'; readonly schemaId: number }

interface Writer {
  readonly type: Type
  readonly schemaId: number
}

interface Reader {
  readonly name: EventType
  readonly type: Type
  readonly resolver: ReturnType<Type['createResolver']> | undefined
}

/**
 * Events to bytes and back. Encoding uses the newest schema of each event type; decoding resolves the schema that
 * wrote the bytes to the newest, with one cached resolver per schema id (building it per message is 300 times slower).
 */
export class EventCodec {
  readonly #registry: Registry
  readonly #writers = new Map<EventType, Writer>()
  readonly #readers = new Map<number, Reader>()
  #scratch = Buffer.alloc(64 * 1024)

  private constructor(registry: Registry) {
    this.#registry = registry
  }

  /**
   * Registers the newest schema of every event type. A process that starts waits for the registry here; one that runs
   * goes on without it. Ids are not kept on disk: a registry that was set up again gives others.
   * @throws EngineError INCOMPATIBLE_SCHEMA, ENGINE_UNAVAILABLE
   */
  static async open(registry: Registry): Promise<EventCodec> {
    const codec = new EventCodec(registry)
    for (const name of EVENT_TYPES) {
      const schema = wireSchema(EVENT_SCHEMAS[name])
      const schemaId = await registry.register(subjectOf(name), JSON.stringify(schema))
      const type = avroType(schema)
      codec.#writers.set(name, { type, schemaId })
      codec.#readers.set(schemaId, { name, type, resolver: undefined })
    }
    return codec
  }

  /** The framed bytes of a valid event. @throws Error when a field does not fit its schema */
  encode(event: CommerceEvent): Uint8Array {
    const writer = this.#writers.get(event.type)
    if (writer === undefined) throw new TypeError(`no schema for events of type ${event.type}`)
    let end = writer.type.encode(event, this.#scratch, FRAME_BYTES)
    if (end < 0) {
      // avsc answers with the bytes that were missing, negated.
      this.#scratch = Buffer.alloc((this.#scratch.length - end) * 2)
      end = writer.type.encode(event, this.#scratch, FRAME_BYTES)
    }
    this.#scratch.writeUInt8(0, 0)
    this.#scratch.writeInt32BE(writer.schemaId, 1)
    return Uint8Array.prototype.slice.call(this.#scratch, 0, end)
  }

  decode(value: Uint8Array | null): Decoded {
    if (value === null || value.length < FRAME_BYTES)
      return undecodable('shorter than a frame of 5 bytes')
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    if (bytes[0] !== 0)
      return undecodable(`starts with byte ${bytes[0]} where the Confluent framing has 0`)
    const schemaId = bytes.readInt32BE(1)
    const reader = this.#readers.get(schemaId)
    if (reader === undefined) return { kind: 'unknown-schema', schemaId }
    return read(reader, bytes)
  }

  /**
   * Fetches the schema with this id so that `decode` knows it.
   * @throws EngineError UNKNOWN_SCHEMA (retriable: a newer writer may be about to register it), ENGINE_UNAVAILABLE
   */
  async learn(schemaId: number): Promise<void> {
    const schema: unknown = JSON.parse(await this.#registry.byId(schemaId))
    const writerType = avroType(schema)
    const name = writerType.name?.split('.').at(-1) ?? ''
    if (!isEventType(name)) {
      throw new EngineError(
        'UNKNOWN_SCHEMA',
        `schema ${schemaId} describes ${name}, an event type this version does not know; upgrade Freshet`,
      )
    }
    const type = avroType(EVENT_SCHEMAS[name])
    this.#readers.set(schemaId, { name, type, resolver: type.createResolver(writerType) })
  }
}

function read(reader: Reader, bytes: Buffer): Decoded {
  try {
    const { value, offset } = reader.type.decode(bytes, FRAME_BYTES, reader.resolver) as {
      readonly value: { type: EventType }
      readonly offset: number
    }
    // avsc reports truncation by offset -1 and says nothing of bytes left over.
    if (offset < 0) return undecodable('truncated')
    if (offset !== bytes.length) return undecodable(`has ${bytes.length - offset} bytes too many`)
    value.type = reader.name
    return { kind: 'event', event: value as CommerceEvent }
  } catch (error) {
    return undecodable(error instanceof Error ? error.message : String(error))
  }
}

function undecodable(reason: string): Decoded {
  return { kind: 'undecodable', reason }
}

function subjectOf(name: EventType): string {
  return `${topicOf(name)}-freshet.events.${name}`
}
