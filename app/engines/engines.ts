import type { Logger } from 'pino'
import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { TextModel } from '#engines/models/port.ts'
import type { Registry } from '#engines/registry/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'

interface EngineTypes {
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

/** What an adapter gets beside its URL. */
export interface OpenOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly tablesMemoryBytesMax: number
  readonly cacheEntriesMax: number
}

/** How each engine of one mode is opened at a URL. Adapters are loaded when they are called for: an image need not have all. */
export type Adapters = {
  readonly [K in Exclude<EngineName, 'model'>]: (
    url: string,
    options: OpenOptions,
  ) => Promise<EngineTypes[K]>
}
