import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The servers that a cluster runs on, and PostgreSQL for the outbox. */
export const SERVER_NAMES = [
  'kafka',
  'registry',
  'redis',
  'postgres',
  'clickhouse',
  'qdrant',
] as const
export type ServerName = (typeof SERVER_NAMES)[number]

/** A server that `npm run servers -- up` started and that was not stopped since. It may have died. */
export interface RunningServer {
  /** In the form of Freshet's settings: `kafka://127.0.0.1:9092`. */
  readonly url: string
  /** Kafka with `--secure`: the listener with TLS and a login. */
  readonly secureUrl?: string
  /** `Kafka 4.4.0` */
  readonly version: string
  /** True for an emulator. */
  readonly standIn?: true
  /** Holds its data and logs. */
  readonly folder: string
  /** Several for Kafka with `--brokers 3`. */
  readonly processes: readonly RunningProcess[]
}

export interface RunningProcess {
  readonly pid: number
  /** Distinguishes it from a later process with the same pid. */
  readonly identity: string
  /** On 127.0.0.1, by purpose; `client` is the port in the URL. */
  readonly ports: Ports
  readonly log: string
}

export type Ports = { readonly client: number } & Readonly<Record<string, number>>
export type RunningServers = Partial<Readonly<Record<ServerName, RunningServer>>>

/** The servers' programs, data, logs and the list of running ones. Ignored by git. */
export const SERVERS_FOLDER = join(import.meta.dirname, '..', '.servers')

/** The list of running servers; every set of servers has its own folder and list. */
export function runningFile(folder: string): string {
  return join(folder, 'running.json')
}

/** The servers on the list, running or died; empty when none was started. */
export function runningServers(folder = SERVERS_FOLDER): RunningServers {
  const file = runningFile(folder)
  if (!existsSync(file)) return {}
  return JSON.parse(readFileSync(file, 'utf8')) as RunningServers
}
