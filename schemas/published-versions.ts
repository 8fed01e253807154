import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AvroRecord } from './avro.ts'
import type { EventType } from './events.ts'

/** The folder of all published versions, which are never deleted: `<Event>.v<n>.{avsc,json,bin}`. */
export const VERSIONS_FOLDER = join(import.meta.dirname, 'events', 'versions')

/** A published schema and an event that was written with it. */
export interface PublishedVersion {
  readonly version: number
  readonly schema: AvroRecord
  /** The event as a value. */
  readonly written: Readonly<Record<string, unknown>>
  /** The same event in Avro, without framing. */
  readonly bytes: Buffer
}

/** The published versions of an event, oldest first. */
export function publishedVersions(type: EventType): readonly PublishedVersion[] {
  return readdirSync(VERSIONS_FOLDER)
    .map((file) => /^(\w+)\.v(\d+)\.avsc$/.exec(file))
    .filter((match) => match?.[1] === type)
    .map((match) => readVersion(type, Number(match?.[2])))
    .toSorted((a, b) => a.version - b.version)
}

/** The path of one file of a version. */
export function versionFile(
  type: EventType,
  version: number,
  extension: 'avsc' | 'json' | 'bin',
): string {
  return join(VERSIONS_FOLDER, `${type}.v${version}.${extension}`)
}

function readVersion(type: EventType, version: number): PublishedVersion {
  return {
    version,
    schema: readJson(versionFile(type, version, 'avsc')) as AvroRecord,
    written: readJson(versionFile(type, version, 'json')) as PublishedVersion['written'],
    bytes: readFileSync(versionFile(type, version, 'bin')),
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
