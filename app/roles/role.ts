import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Config } from '#app/config.ts'
import type { Endpoint } from '#http/route.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import type { EngineProbe } from '#serving/http/health-routes.ts'

/** One of the jobs that a process of Freshet does: `start` does all of them. Disposing drains it. */
export interface Role extends AsyncDisposable {
  /** What it answers over HTTP. */
  readonly endpoints: readonly Endpoint[]
  /** Parts of the process that readiness asks beside the engines. */
  readonly probes: readonly EngineProbe[]
  /** Rejects when it cannot go on; never resolves. */
  readonly failed: Promise<never>
  /** Ends the live streams: the HTTP server cannot close before. */
  readonly endStreams?: () => Promise<void>
}

/** What every job gets beside its engines. */
export interface RoleContext {
  readonly config: Config
  readonly codec: EventCodec
  readonly logger: Logger
  readonly metrics: Registry
}

/** The `failed` of a role that cannot fail. */
export const NEVER: Promise<never> = new Promise(() => {})
