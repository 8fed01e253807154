import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Registry } from './port.ts'

type Field = Readonly<Record<string, unknown>>

const ID: Field = { name: 'id', type: 'string' }
const AMOUNT: Field = { name: 'amount', type: 'int' }

function record(name: string, fields: readonly Field[]): string {
  return JSON.stringify({ type: 'record', name, namespace: 'contract', fields })
}

/** What every registry must do. Names are random: the registry may be shared with others. */
export function registryContract(name: string, open: () => Promise<Registry>): void {
  const withRegistry =
    (check: (registry: Registry, unique: string) => Promise<void>) => async () => {
      await using registry = await open()
      await check(registry, `Contract${randomUUID().replaceAll('-', '')}`)
    }
  const refused = { code: 'INCOMPATIBLE_SCHEMA', retriable: false }

  describe(`${name} keeps the registry contract`, () => {
    test(
      'a schema is found by the id it was given',
      withRegistry(async (registry, unique) => {
        const schema = record(unique, [ID, { ...AMOUNT, default: 7 }])
        const id = await registry.register(unique, schema)
        expect(id).toBeGreaterThan(0)
        expect(JSON.parse(await registry.byId(id))).toEqual(JSON.parse(schema))
      }),
    )

    test(
      'the same schema keeps its id: again, written otherwise, under another subject',
      withRegistry(async (registry, unique) => {
        const schema = record(unique, [ID])
        const id = await registry.register(unique, schema)
        expect(await registry.register(unique, schema)).toBe(id)
        const indented = JSON.stringify(JSON.parse(schema), undefined, 4)
        expect(await registry.register(unique, indented)).toBe(id)
        expect(await registry.register(`${unique}-other`, schema)).toBe(id)
      }),
    )

    test(
      'schemas that differ only in a default are two',
      withRegistry(async (registry, unique) => {
        const one = await registry.register(unique, record(unique, [{ ...AMOUNT, default: 1 }]))
        const two = await registry.register(unique, record(unique, [{ ...AMOUNT, default: 2 }]))
        expect(two).not.toBe(one)
      }),
    )

    test(
      'an earlier version registered again gets its old id',
      withRegistry(async (registry, unique) => {
        const first = record(unique, [ID])
        const id = await registry.register(unique, first)
        await registry.register(unique, record(unique, [ID, { ...AMOUNT, default: 0 }]))
        expect(await registry.register(unique, first)).toBe(id)
      }),
    )

    test(
      'registrations at the same time agree',
      withRegistry(async (registry, unique) => {
        const schemas = Array.from({ length: 5 }, (_, i) => record(`${unique}${i}`, [ID]))
        const ids = await Promise.all(
          [...schemas, ...schemas].map((schema, i) => registry.register(`${unique}${i}`, schema)),
        )
        expect(new Set(ids).size).toBe(5)
        expect(ids.slice(5)).toEqual(ids.slice(0, 5))
      }),
    )

    test.each([
      ['a field with a default', [ID, { ...AMOUNT, default: 0 }]],
      ['a wider type', [{ ...ID }, { name: 'count', type: 'long' }]],
      ['a field less', [ID]],
    ] as const)('a version may have %s', (_, fields) =>
      withRegistry(async (registry, unique) => {
        const count = { name: 'count', type: 'int' }
        const first = await registry.register(unique, record(unique, [ID, count]))
        expect(await registry.register(unique, record(unique, fields))).not.toBe(first)
      })(),
    )

    test.each([
      ['a field without a default', [ID, AMOUNT]],
      ['another type', [{ name: 'id', type: 'int' }]],
    ] as const)('a version may not have %s, and the reason names the subject', (_, fields) =>
      withRegistry(async (registry, unique) => {
        await registry.register(unique, record(unique, [ID]))
        const later = registry.register(unique, record(unique, fields))
        await expect(later).rejects.toMatchObject(refused)
        await expect(later).rejects.toThrow(unique)
      })(),
    )

    test(
      'a version has to read every earlier one, not only the last',
      withRegistry(async (registry, unique) => {
        await registry.register(unique, record(unique, [ID]))
        await registry.register(unique, record(unique, [ID, { ...AMOUNT, default: 0 }]))
        const withoutDefault = registry.register(unique, record(unique, [ID, AMOUNT]))
        await expect(withoutDefault).rejects.toMatchObject(refused)
      }),
    )

    test(
      'what was refused changes nothing',
      withRegistry(async (registry, unique) => {
        await registry.register(unique, record(unique, [ID]))
        await expect(
          registry.register(unique, record(unique, [{ name: 'id', type: 'int' }])),
        ).rejects.toMatchObject(refused)
        const next = registry.register(unique, record(unique, [ID, { ...AMOUNT, default: 0 }]))
        await expect(next).resolves.toBeGreaterThan(0)
      }),
    )

    test(
      'what is no Avro schema is refused',
      withRegistry(async (registry, unique) => {
        for (const schema of ['{', '{"type":"recrod"}', '{"type":"record","name":"x"}']) {
          await expect(registry.register(unique, schema)).rejects.toMatchObject({
            code: 'ENGINE_REFUSED',
            retriable: false,
          })
        }
      }),
    )

    test(
      'an unknown id may become known, so asking for it may be repeated',
      withRegistry(async (registry) => {
        await expect(registry.byId(2_000_000_000)).rejects.toMatchObject({
          code: 'UNKNOWN_SCHEMA',
          retriable: true,
        })
      }),
    )

    test(
      'it answers a ping',
      withRegistry(async (registry) => {
        await expect(registry.ping()).resolves.toBeUndefined()
      }),
    )
  })
}
