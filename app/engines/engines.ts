import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { TextModel } from '#engines/models/port.ts'
import type { Registry } from '#engines/registry/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'

export interface EngineTypes {
  readonly log: Log
  readonly tables: Tables
  readonly vectors: Vectors
  readonly cache: Cache
  readonly registry: Registry
  readonly model: TextModel
}
export type EngineName = keyof EngineTypes

/** Engines, open: all of them, or those named. Disposing closes them, the last opened first. */
export type Engines<K extends EngineName = EngineName> = Pick<EngineTypes, K> &
  AsyncDisposable & { readonly clock: Clock }
