import { describe, expect, test } from 'vitest'
import type { AvroType } from './avro.ts'
import { avroType } from './avro-type.ts'
import { EVENT_SCHEMAS, EVENT_TYPES } from './events.ts'
import { incompatibility } from './incompatibility.ts'
import { publishedVersions } from './published-versions.ts'
import { wireSchema } from './wire-schema.ts'

describe.each(EVENT_TYPES)('%s', (type) => {
  const versions = publishedVersions(type)
  const newest = wireSchema(EVENT_SCHEMAS[type])

  test('its newest version is published: else run `npm run schemas`', () => {
    expect(versions.at(-1)?.schema).toEqual(newest)
  })

  test('its versions are numbered from 1 without a gap', () => {
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1))
  })

  test('every version reads what every earlier one wrote', () => {
    const refusals = versions.flatMap((reader, index) =>
      versions
        .slice(0, index + 1)
        .map((writer) => incompatibility(avroType(reader.schema), avroType(writer.schema))),
    )
    expect(refusals).toEqual(refusals.map(() => undefined))
    expect(refusals.length).toBeGreaterThan(0)
  })

  test.each(versions)('the bytes of version $version still say what was written', (version) => {
    const reader = avroType(newest)
    const resolver = reader.createResolver(avroType(version.schema))
    expect(reader.fromBuffer(version.bytes, resolver)).toEqual(asReadBy(newest, version.written))
  })
})

describe('a change that would strand what was written is refused', () => {
  const written = event([{ name: 'size', type: 'long' }])

  test.each([
    ['a field without a default', [{ name: 'size', type: 'long' }, text('colour')], 'no matching'],
    ['a narrower number', [{ name: 'size', type: 'int' }], 'cannot read "long" as "int"'],
    ['another type', [text('size')], 'cannot read "long" as "string"'],
    ['a new name without an alias', [{ name: 'length', type: 'long' }], 'no matching'],
  ])('%s', (_, fields, reason) => {
    expect(incompatibility(event(fields), written)).toContain(reason)
  })

  test('an enum that loses a symbol and has no default', () => {
    const wide = event([{ name: 'size', type: { ...SIZE, symbols: ['small', 'large'] } }])
    expect(incompatibility(event([{ name: 'size', type: SIZE }]), wide)).toContain('cannot read')
  })

  test('a field that may no longer be null', () => {
    const nullable = event([{ name: 'size', type: ['null', 'long'], default: null }])
    expect(incompatibility(written, nullable)).toBe('cannot read "null" as "long"')
  })
})

describe('a change that keeps what was written is taken', () => {
  test.each([
    ['a field with a default', [{ ...text('colour'), default: '' }]],
    ['a field that is gone', []],
    ['a field that may be null now', [{ name: 'size', type: ['null', 'int'], default: null }]],
    ['a wider number', [{ name: 'size', type: 'long' }]],
    ['a new name with an alias', [{ name: 'length', type: 'int', aliases: ['size'] }]],
  ])('%s', (_, fields) => {
    expect(incompatibility(event(fields), event([{ name: 'size', type: 'int' }]))).toBeUndefined()
  })
})

test('limits stay out of what is published', () => {
  expect(JSON.stringify(EVENT_SCHEMAS)).toMatch(/maxLength.*pattern/)
  const published = EVENT_TYPES.map((type) => JSON.stringify(wireSchema(EVENT_SCHEMAS[type])))
  expect(published.join()).not.toMatch(/"(m(in|ax)\w+|pattern)":/)
})

const SIZE = { type: 'enum', name: 'Size', symbols: ['small'] }

function event(fields: readonly unknown[]) {
  return avroType({ type: 'record', name: 'Planted', namespace: 'freshet.events', fields })
}

function text(name: string) {
  return { name, type: 'string' }
}

/** What a reader with schema `type` makes of a value: fields by name or alias, defaults where there is none. */
function asReadBy(type: AvroType, written: unknown): unknown {
  if (typeof type !== 'object' || !('type' in type)) return written
  if (type.type === 'array') {
    return (written as unknown[]).map((item) => asReadBy(type.items, item))
  }
  if (type.type !== 'record') return written
  const values = new Map(Object.entries(written as object))
  return Object.fromEntries(
    type.fields.map((field) => {
      const name = [field.name, ...(field.aliases ?? [])].find((candidate) => values.has(candidate))
      return [
        field.name,
        name === undefined ? field.default : asReadBy(field.type, values.get(name)),
      ]
    }),
  )
}
