import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc, { type Arbitrary } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import type { Registry } from '#engines/registry/port.ts'
import type { AvroField, AvroRecord, AvroType } from '#schemas/avro.ts'
import { avroType } from '#schemas/avro-type.ts'
import { type CommerceEvent, EVENT_SCHEMAS, EVENT_TYPES, type EventType } from '#schemas/events.ts'
import { EXAMPLE_VALUES } from '#schemas/example-values.ts'
import { wireSchema } from '#schemas/wire-schema.ts'
import { EventCodec } from './event-codec.ts'

/** avsc keeps longs exactly up to here; the limits of every field lie far below. */
const LONG_MAX = 2 ** 52 - 1

let folder: string
let registry: Registry
let codec: EventCodec

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-codec-'))
  registry = await openEmbeddedRegistry({ file: join(folder, 'registry.json') })
  codec = await EventCodec.open(registry)
})
afterAll(() => rm(folder, { recursive: true }))

const fieldsOf = (type: EventType): readonly AvroField[] => EVENT_SCHEMAS[type].fields

/** An event with every field filled. */
function example(type: EventType): CommerceEvent {
  const values = fieldsOf(type).map(({ name }) => [name, EXAMPLE_VALUES[name]])
  return { type, ...Object.fromEntries(values) } as CommerceEvent
}

function framed(schemaId: number, body: Uint8Array): Buffer {
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(schemaId, 1)
  return Buffer.concat([frame, body])
}

/** The bytes of a record whose schema nobody has told the codec about. */
async function written(schema: AvroRecord, record: unknown): Promise<[number, Buffer]> {
  const schemaId = await registry.register(`by-others-${schema.name}`, JSON.stringify(schema))
  return [schemaId, framed(schemaId, avroType(schema).toBuffer(record))]
}

describe('a round trip', () => {
  test.each(EVENT_TYPES)('returns every %s that its schema allows', (type) => {
    const values = recordOf(wireSchema(EVENT_SCHEMAS[type]))
    fc.assert(
      fc.property(values, (value) => {
        const event = { type, ...value } as CommerceEvent
        expect(codec.decode(codec.encode(event))).toEqual({ kind: 'event', event })
      }),
    )
  })

  test('returns what is not ASCII, of any length in bytes', () => {
    const event = { ...example('ProductUpserted'), title: '“Größe” 鍵🔑\u0000\u{10ffff}' }
    expect(codec.decode(codec.encode(event))).toEqual({ kind: 'event', event })
  })

  test('returns events larger than the scratch space, and smaller ones after them', () => {
    for (const size of [10, 65_000, 65_600, 1_000_000, 100, 5_000_000]) {
      const event = { ...example('ProductUpserted'), description: 'ö'.repeat(size) }
      expect(codec.decode(codec.encode(event))).toEqual({ kind: 'event', event })
    }
  })

  test('gives bytes that later encodings leave alone', () => {
    const event = example('OrderPlaced')
    const bytes = codec.encode(event)
    codec.encode({ ...example('OrderPlaced'), event_id: 'another' })
    expect(codec.decode(bytes)).toEqual({ kind: 'event', event })
  })

  test('reads a value in the middle of a larger buffer', () => {
    const event = example('CartItemAdded')
    const bytes = codec.encode(event)
    const larger = new Uint8Array(bytes.length + 20).fill(255)
    larger.set(bytes, 7)
    expect(codec.decode(larger.subarray(7, 7 + bytes.length))).toEqual({ kind: 'event', event })
  })
})

test('an event that does not fit its schema is not encoded', () => {
  const wrong = { ...example('CartItemAdded'), quantity: 'two' } as unknown as CommerceEvent
  expect(() => codec.encode(wrong)).toThrow(/two/)
})

describe('bytes that are no event', () => {
  test.each(EVENT_TYPES)('are those of a %s cut off anywhere', (type) => {
    const bytes = codec.encode(example(type))
    for (let length = 0; length < bytes.length; length++) {
      expect(codec.decode(bytes.subarray(0, length))).toMatchObject({ kind: 'undecodable' })
    }
  })

  test('say that they were cut off', () => {
    const bytes = codec.encode(example('ProductViewed'))
    expect(codec.decode(bytes.subarray(0, -1))).toEqual({
      kind: 'undecodable',
      reason: 'truncated',
    })
  })

  test.each([1, 2, 100])('have %d bytes too many, and say so', (surplus) => {
    const bytes = Buffer.concat([codec.encode(example('OrderPaid')), Buffer.alloc(surplus)])
    expect(codec.decode(bytes)).toEqual({
      kind: 'undecodable',
      reason: `has ${surplus} bytes too many`,
    })
  })

  test('have no frame, another first byte or no value', () => {
    const bytes = Buffer.from(codec.encode(example('OrderPaid')))
    bytes[0] = 7
    expect(codec.decode(bytes)).toEqual({
      kind: 'undecodable',
      reason: 'starts with byte 7 where the Confluent framing has 0',
    })
    for (const value of [null, new Uint8Array(), new Uint8Array(4)])
      expect(codec.decode(value)).toMatchObject({ kind: 'undecodable' })
  })

  test('are never an exception, whatever follows the frame', () => {
    const kinds = new Set<string>()
    const ids = EVENT_TYPES.map((type) => Buffer.from(codec.encode(example(type))).readInt32BE(1))
    fc.assert(
      fc.property(fc.constantFrom(...ids), fc.uint8Array({ maxLength: 200 }), (id, body) => {
        kinds.add(codec.decode(framed(id, body)).kind)
      }),
      { numRuns: 2_000 },
    )
    expect([...kinds]).toContain('undecodable')
    expect([...kinds]).not.toContain('unknown-schema')
  })

  test.each([2 ** 20, 2 ** 31, 2 ** 45, -(2 ** 31)])(
    'may claim a list of %d entries: nobody waits for those',
    async (count) => {
      const event = { ...example('RecommendationsShown'), product_ids: [] } as CommerceEvent
      const schema = { ...wireSchema(EVENT_SCHEMAS.RecommendationsShown), doc: 'Yet again.' }
      const [schemaId, resolved] = await written(schema, event)
      await codec.learn(schemaId)
      const entries = avroType('long').toBuffer(count)
      for (const bytes of [codec.encode(event), resolved]) {
        const claiming = Buffer.concat([bytes.subarray(0, -1), entries, Buffer.alloc(20, 2)])
        expect(codec.decode(claiming)).toEqual({
          kind: 'undecodable',
          reason: 'an array longer than its record',
        })
      }
    },
  )
})

describe('a schema that the codec has not seen', () => {
  test('is reported by its id until it is learnt', async () => {
    const schema = { ...wireSchema(EVENT_SCHEMAS.OrderPaid), doc: 'The same in other words.' }
    const { type: _, ...record } = example('OrderPaid')
    const [schemaId, bytes] = await written(schema, record)
    expect(codec.decode(bytes)).toEqual({ kind: 'unknown-schema', schemaId })
    await codec.learn(schemaId)
    expect(codec.decode(bytes)).toEqual({ kind: 'event', event: example('OrderPaid') })
  })

  test.each(EVENT_TYPES)(
    'is resolved to the newest %s: what is missing has its default',
    async (type) => {
      const newest = wireSchema(EVENT_SCHEMAS[type])
      const fields = newest.fields.filter(({ default: value }) => value === undefined)
      const added = newest.fields.filter(({ default: value }) => value !== undefined)
      const event: Record<string, unknown> = { ...example(type) }
      const [schemaId, bytes] = await written({ ...newest, fields }, event)
      await codec.learn(schemaId)
      for (const { name, default: value } of added) event[name] = value
      expect(added.length).toBeGreaterThan(0)
      expect(codec.decode(bytes)).toEqual({ kind: 'event', event })
    },
  )

  test('may be newer: fields unknown here are left out, enum symbols become the default', async () => {
    const newest = wireSchema(EVENT_SCHEMAS.OrderCancelled)
    const fields = newest.fields.map((field) =>
      field.name === 'reason' ? { ...field, type: withSymbol(field.type, 'weather') } : field,
    )
    const { type: _, ...event } = example('OrderCancelled')
    const newer = {
      ...newest,
      fields: [...fields, { name: 'refund', type: 'long' as const, default: 0 }],
    }
    const [schemaId, bytes] = await written(newer, { ...event, reason: 'weather', refund: 5 })
    await codec.learn(schemaId)
    expect(codec.decode(bytes)).toEqual({
      kind: 'event',
      event: { ...example('OrderCancelled'), reason: 'unknown' },
    })
  })

  test('is cut off and overlong like any other', async () => {
    const schema = { ...wireSchema(EVENT_SCHEMAS.OrderPlaced), doc: 'Once more.' }
    const [schemaId, bytes] = await written(schema, example('OrderPlaced'))
    await codec.learn(schemaId)
    for (let length = 5; length < bytes.length; length++)
      expect(codec.decode(bytes.subarray(0, length))).toMatchObject({ kind: 'undecodable' })
    expect(codec.decode(Buffer.concat([bytes, Buffer.alloc(3)]))).toMatchObject({
      reason: 'has 3 bytes too many',
    })
  })

  test('is not learnt while the registry does not know it: ask again later', async () => {
    await expect(codec.learn(123_456)).rejects.toMatchObject({
      code: 'UNKNOWN_SCHEMA',
      retriable: true,
    })
    expect(codec.decode(framed(123_456, Buffer.alloc(9)))).toEqual({
      kind: 'unknown-schema',
      schemaId: 123_456,
    })
  })

  test('of an event that this version does not have is not learnt: upgrade', async () => {
    const schema = { ...wireSchema(EVENT_SCHEMAS.OrderPaid), name: 'OrderFramed' }
    const [schemaId] = await written(schema, example('OrderPaid'))
    const learning = codec.learn(schemaId)
    await expect(learning).rejects.toMatchObject({ code: 'UNKNOWN_SCHEMA', retriable: true })
    await expect(learning).rejects.toThrow(/OrderFramed.*upgrade/)
  })
})

test('opening again on the same registry gives the same ids', async () => {
  const again = await EventCodec.open(registry)
  const event = example('ProductViewed')
  expect(again.encode(event)).toEqual(codec.encode(event))
})

function withSymbol(type: AvroType, symbol: string): AvroType {
  if (typeof type === 'string' || !('symbols' in type)) throw new TypeError('not an enum')
  return { ...type, symbols: [...type.symbols, symbol] }
}

function recordOf({ fields }: AvroRecord): Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, anyOf(type)])), {
    noNullPrototype: true,
  })
}

/** Any value of an Avro type. */
function anyOf(type: AvroType): Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer()
    case 'long':
      return fc.integer({ min: -LONG_MAX, max: LONG_MAX })
    case 'double':
      return fc.double()
    case 'string':
      return fc.string({ unit: 'grapheme' })
  }
  if (!('type' in type)) return fc.oneof(...type.map(anyOf))
  switch (type.type) {
    case 'long':
      return fc.integer({ min: -LONG_MAX, max: LONG_MAX })
    case 'array':
      return fc.array(anyOf(type.items), { maxLength: 20 })
    case 'enum':
      return fc.constantFrom(...type.symbols)
    case 'record':
      return recordOf(type)
  }
}
