import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { TextModel } from '#engines/models/port.ts'
import type { Registry } from '#engines/registry/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'

/** One of each engine, open. Disposing closes them, the last opened first. */
export interface Engines extends AsyncDisposable {
  readonly clock: Clock
  readonly log: Log
  readonly tables: Tables
  readonly vectors: Vectors
  readonly cache: Cache
  readonly registry: Registry
  readonly model: TextModel
}
