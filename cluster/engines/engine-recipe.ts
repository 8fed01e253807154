import type { Ports } from '#cluster/running-engines.ts'

/** How to have an engine on this machine. */
export interface EngineRecipe {
  /** What people call it. */
  readonly title: string
  readonly standIn?: true
  /** Of each of its processes. */
  readonly usualPorts: (shape: EngineShape) => readonly Ports[]
  /**
   * Finds or downloads its programs, writes its configuration and makes its data folder where there is none; doing it
   * again changes nothing. @throws EngineMissing
   */
  readonly prepare: (place: EnginePlace) => Promise<PreparedEngine>
  /** What ends it in good order; SIGTERM unless said. */
  readonly stopSignal?: NodeJS.Signals
}

export interface EngineShape {
  /** How many nodes Kafka has. */
  readonly brokers: number
  /** Whether Kafka has a second listener with TLS and a login. */
  readonly secure: boolean
}

export interface EnginePlace {
  /** The engine's own folder; it exists. */
  readonly folder: string
  /** Where programs are kept that were downloaded: of all sets of engines together. */
  readonly programs: string
  readonly ports: readonly Ports[]
  readonly report: Report
}

/** Says what is being done, and how far it is, in bytes. */
export type Report = (
  doing: string,
  progress?: { readonly done: number; readonly total: number },
) => void

export interface PreparedEngine {
  readonly version: string
  readonly url: string
  readonly secureUrl?: string
  /** One process each, in the order of the ports. */
  readonly commands: readonly EngineCommand[]
  /** Whether it answers its clients. */
  readonly isReady: () => Promise<boolean>
}

export interface EngineCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** Another than our own. */
  readonly user?: { readonly uid: number; readonly gid: number }
}
