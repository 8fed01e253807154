/**
 * `node schemas/publish.ts` writes the next version of every event schema that changed since it was published.
 * It refuses, and writes nothing, when the new schema cannot read what any earlier version wrote.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { avroType } from './avro-type.ts'
import { EVENT_SCHEMAS, EVENT_TYPES, type EventType } from './events.ts'
import { EXAMPLE_VALUES } from './example-values.ts'
import { incompatibility } from './incompatibility.ts'
import { publishedVersions, VERSIONS_FOLDER, versionFile } from './published-versions.ts'
import { wireSchema } from './wire-schema.ts'

mkdirSync(VERSIONS_FOLDER, { recursive: true })
const changed = EVENT_TYPES.filter(isChanged)
const refusals = changed.flatMap(refusalsOf)

if (refusals.length > 0) {
  process.stderr.write(`${refusals.join('\n')}\nNothing was published. See schemas/README.md.\n`)
  process.exitCode = 1
} else {
  const published = changed.map(nextVersion).map(publish)
  process.stdout.write(
    published.length === 0 ? 'Every schema is published.\n' : `${published.join('\n')}\n`,
  )
}

function isChanged(type: EventType): boolean {
  return !isDeepStrictEqual(publishedVersions(type).at(-1)?.schema, wireSchema(EVENT_SCHEMAS[type]))
}

function refusalsOf(type: EventType): string[] {
  return publishedVersions(type).flatMap(({ version, schema }) => {
    const reason = incompatibility(avroType(EVENT_SCHEMAS[type]), avroType(schema))
    return reason === undefined ? [] : [`${type} cannot read its version ${version}: ${reason}`]
  })
}

/** All versions are built before the first is written, so that a missing example leaves no partial result. */
function nextVersion(type: EventType) {
  const schema = wireSchema(EVENT_SCHEMAS[type])
  const written = Object.fromEntries(schema.fields.map(({ name }) => [name, exampleValue(name)]))
  const version = (publishedVersions(type).at(-1)?.version ?? 0) + 1
  return { type, version, schema, written, bytes: avroType(schema).toBuffer(written) }
}

function publish({ type, version, schema, written, bytes }: ReturnType<typeof nextVersion>) {
  writeFileSync(versionFile(type, version, 'avsc'), `${JSON.stringify(schema, null, 2)}\n`)
  writeFileSync(versionFile(type, version, 'json'), `${JSON.stringify(written, null, 2)}\n`)
  writeFileSync(versionFile(type, version, 'bin'), bytes)
  return `${type} version ${version}`
}

function exampleValue(field: string): unknown {
  if (field in EXAMPLE_VALUES) return EXAMPLE_VALUES[field]
  throw new Error(`The new field ${field} needs a value in schemas/example-values.ts.`)
}
