import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'

/** What an adapter gets; it uses what concerns it. */
export interface AdapterOptions {
  /** Of the scheme that the adapter is registered under; it checks the rest. */
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  readonly tablesMemoryBytesMax: number
  readonly cacheEntriesMax: number
}

/** What the `adapter.ts` of each engine exports: how its port is opened at a URL. */
export interface Adapter<Port> {
  /**
   * A server that does not answer is no failure yet: the first call on the port is.
   * @throws EngineError ENGINE_REFUSED for a URL that is wrong; of an embedded engine also DATA_FOLDER_IN_USE,
   *   ENGINE_CORRUPT, ENGINE_UNAVAILABLE
   */
  open(options: AdapterOptions): Promise<Port>
}
