import type { Ports } from '../running-servers.ts'

/** The server is not available on this machine. The message is one sentence: why, and what to do. */
export class ServerMissing extends Error {}

/** How to run a server on this machine. */
export interface ServerRecipe {
  /** Display name. */
  readonly title: string
  readonly standIn?: true
  /** The default ports of each process. */
  readonly usualPorts: (shape: ServerShape) => readonly Ports[]
  /**
   * Finds or downloads its programs, writes its configuration and creates its data folder if there is none. Idempotent.
   * @throws ServerMissing
   */
  readonly prepare: (place: ServerPlace) => Promise<PreparedServer>
  /** The signal for a clean shutdown; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
}

export interface ServerShape {
  /** Number of Kafka nodes. */
  readonly brokers: number
  /** Whether Kafka has a second listener with TLS and a login. */
  readonly secure: boolean
}

export interface ServerPlace {
  /** The server's folder; it exists. */
  readonly folder: string
  /** Downloaded programs, shared by all sets of servers. */
  readonly programs: string
  readonly ports: readonly Ports[]
  readonly report: Report
}

/** Reports the current step, and its progress in bytes. */
export type Report = (
  doing: string,
  progress?: { readonly done: number; readonly total: number },
) => void

export interface PreparedServer {
  readonly version: string
  readonly url: string
  readonly secureUrl?: string
  /** One per process, in the order of the ports. */
  readonly commands: readonly ServerCommand[]
  /** Whether it answers its clients. */
  readonly isReady: () => Promise<boolean>
}

export interface ServerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** If not the current one. */
  readonly user?: { readonly uid: number; readonly gid: number }
}
