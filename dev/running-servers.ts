import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The servers that a cluster runs on, and PostgreSQL, whose outbox tables feed it. */
export const SERVER_NAMES = [
  'kafka',
  'registry',
  'redis',
  'postgres',
  'clickhouse',
  'qdrant',
] as const
export type ServerName = (typeof SERVER_NAMES)[number]

/** A server that `npm run servers -- up` has started and that nobody has stopped since. It may have died. */
export interface RunningServer {
  /** As Freshet's settings take it: `kafka://127.0.0.1:9092`. */
  readonly url: string
  /** Of Kafka started with `--secure`: the listener with TLS and a login. */
  readonly secureUrl?: string
  /** What runs: `Kafka 4.4.0`. */
  readonly version: string
  /** It is no such server, but answers like one. */
  readonly standIn?: true
  /** Data and logs. */
  readonly folder: string
  /** More than one for Kafka with `--brokers 3`. */
  readonly processes: readonly RunningProcess[]
}

export interface RunningProcess {
  readonly pid: number
  /** Tells it from a later process that was given the same pid. */
  readonly identity: string
  /** On 127.0.0.1, by what they are for; `client` is the one of the URL. */
  readonly ports: Ports
  readonly log: string
}

export type Ports = { readonly client: number } & Readonly<Record<string, number>>
export type RunningServers = Partial<Readonly<Record<ServerName, RunningServer>>>

/** Where servers keep their programs, data and logs, and the list of those that run. Ignored by git. */
export const SERVERS_FOLDER = join(import.meta.dirname, '..', '.servers')

/** The file with the list; a second set of servers has its own, in its own folder. */
export function runningFile(folder: string): string {
  return join(folder, 'running.json')
}

/** What runs, as far as is written down; none when nothing was started. */
export function runningServers(folder = SERVERS_FOLDER): RunningServers {
  const file = runningFile(folder)
  if (!existsSync(file)) return {}
  return JSON.parse(readFileSync(file, 'utf8')) as RunningServers
}
