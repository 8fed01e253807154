import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { corrupt, EngineError, unavailable } from '#engines/errors.ts'
import { InTurn } from '#engines/in-turn.ts'
import { replaceFile } from '#engines/replace-file.ts'
import { incompatibility } from '#schemas/incompatibility.ts'
import { parseSchema } from '../parse-schema.ts'
import type { Registry } from '../port.ts'

const STORED = z.strictObject({
  /** The schema with id n is at n - 1. */
  schemas: z.array(z.unknown()),
  /** The ids of each subject's versions, oldest first. */
  subjects: z.record(z.string(), z.array(z.int().positive())),
})

type Stored = z.infer<typeof STORED>

/**
 * Opens the registry in one JSON file, which is created with the first schema.
 * @throws EngineError ENGINE_CORRUPT, ENGINE_UNAVAILABLE (the file cannot be read)
 */
export async function openEmbeddedRegistry({ file }: { readonly file: string }): Promise<Registry> {
  return new EmbeddedRegistry(file, await load(file))
}

class EmbeddedRegistry implements Registry {
  readonly #file: string
  #stored: Stored
  readonly #ids: Map<string, number>
  readonly #turns = new InTurn()

  constructor(file: string, stored: Stored) {
    this.#file = file
    this.#stored = stored
    this.#ids = new Map(stored.schemas.map((schema, i) => [canonicalJson(schema), i + 1]))
  }

  /** In turn: each call sees the versions registered before it. */
  register(subject: string, schema: string): Promise<number> {
    return this.#turns.run(() => this.#register(subject, schema))
  }

  async byId(id: number): Promise<string> {
    const schema = this.#stored.schemas[id - 1]
    if (schema !== undefined) return JSON.stringify(schema)
    throw new EngineError(
      'UNKNOWN_SCHEMA',
      `the registry ${this.#file} has no schema ${id}; register it, or point to the registry that its writer used`,
    )
  }

  async ping(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.ended()
  }

  async #register(subject: string, schema: string): Promise<number> {
    const type = parseSchema(schema)
    const parsed: unknown = JSON.parse(schema)
    const canonical = canonicalJson(parsed)
    const { schemas, subjects } = this.#stored
    const versions = subjects[subject] ?? []
    const known = this.#ids.get(canonical)
    if (known !== undefined && versions.includes(known)) return known

    for (const version of versions) {
      const reason = incompatibility(type, parseSchema(await this.byId(version)))
      if (reason !== undefined) throw incompatible(subject, version, reason)
    }
    const id = known ?? schemas.length + 1
    await this.#store({
      schemas: known === undefined ? [...schemas, parsed] : schemas,
      subjects: { ...subjects, [subject]: [...versions, id] },
    })
    this.#ids.set(canonical, id)
    return id
  }

  async #store(next: Stored): Promise<void> {
    try {
      await mkdir(dirname(this.#file), { recursive: true })
      await replaceFile(this.#file, `${JSON.stringify(next, undefined, 1)}\n`)
    } catch (error) {
      throw inaccessible(this.#file, 'write', error)
    }
    this.#stored = next
  }
}

async function load(file: string): Promise<Stored> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { schemas: [], subjects: {} }
    throw inaccessible(file, 'read', error)
  }
  try {
    return consistent(STORED.parse(JSON.parse(text)))
  } catch (error) {
    throw corrupt(
      `the schema registry ${file} is damaged; restore it from a backup: without it, records in the log cannot be read`,
      { cause: error },
    )
  }
}

/** Every schema parses and every subject names schemas that are there. */
function consistent(stored: Stored): Stored {
  for (const schema of stored.schemas) parseSchema(JSON.stringify(schema))
  for (const id of Object.values(stored.subjects).flat()) {
    if (id > stored.schemas.length) throw new RangeError(`a subject names schema ${id}`)
  }
  return stored
}

function incompatible(subject: string, version: number, reason: string): EngineError {
  return new EngineError(
    'INCOMPATIBLE_SCHEMA',
    `the new schema of ${subject} cannot read what schema ${version} wrote: ${reason}; give added fields a default and keep the types of the others`,
  )
}

function inaccessible(file: string, verb: 'read' | 'write', cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return unavailable(
    `cannot ${verb} the schema registry ${file} (${reason}); check its folder and the space on the disk`,
    { retriable: verb === 'write', cause },
  )
}

/** JSON text with sorted keys: equal for equal values. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isObject(part) ? sorted(part) : part))
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
