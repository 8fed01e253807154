import type { Ports } from '../running-servers.ts'

/** How to have a server on this machine. */
export interface ServerRecipe {
  /** What people call it. */
  readonly title: string
  readonly standIn?: true
  /** Of each of its processes. */
  readonly usualPorts: (shape: ServerShape) => readonly Ports[]
  /**
   * Finds or downloads its programs, writes its configuration and makes its data folder where there is none; doing it
   * again changes nothing. @throws ServerMissing
   */
  readonly prepare: (place: ServerPlace) => Promise<PreparedServer>
  /** What ends it in good order; SIGTERM unless said. */
  readonly stopSignal?: NodeJS.Signals
}

export interface ServerShape {
  /** How many nodes Kafka has. */
  readonly brokers: number
  /** Whether Kafka has a second listener with TLS and a login. */
  readonly secure: boolean
}

export interface ServerPlace {
  /** The server's own folder; it exists. */
  readonly folder: string
  /** Where programs are kept that were downloaded: of all sets of servers together. */
  readonly programs: string
  readonly ports: readonly Ports[]
  readonly report: Report
}

/** Says what is being done, and how far it is, in bytes. */
export type Report = (
  doing: string,
  progress?: { readonly done: number; readonly total: number },
) => void

export interface PreparedServer {
  readonly version: string
  readonly url: string
  readonly secureUrl?: string
  /** One process each, in the order of the ports. */
  readonly commands: readonly ServerCommand[]
  /** Whether it answers its clients. */
  readonly isReady: () => Promise<boolean>
}

export interface ServerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** Another than our own. */
  readonly user?: { readonly uid: number; readonly gid: number }
}
