import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The servers that a cluster runs on, and PostgreSQL, whose outbox tables feed it. */
export const ENGINE_NAMES = [
  'kafka',
  'registry',
  'redis',
  'postgres',
  'clickhouse',
  'qdrant',
] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

/** A server that `npm run engines -- up` has started and that nobody has stopped since. */
export interface RunningEngine {
  /** As Freshet's settings take it: `kafka://127.0.0.1:9092`. */
  readonly url: string
}

/** Where servers keep their programs, data and logs, and the list of those that run. Ignored by git. */
export const ENGINES_FOLDER = join(import.meta.dirname, '..', '.engines')
export const RUNNING_FILE = join(ENGINES_FOLDER, 'running.json')

/** What runs, as far as is written down; none when nothing was started. */
export function runningEngines(): Partial<Record<EngineName, RunningEngine>> {
  if (!existsSync(RUNNING_FILE)) return {}
  return JSON.parse(readFileSync(RUNNING_FILE, 'utf8')) as Partial<
    Record<EngineName, RunningEngine>
  >
}
