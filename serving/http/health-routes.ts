import { Registry } from 'prom-client'
import { json, text } from '#http/answers.ts'
import { type Endpoint, endpoints, type Route, route } from '#http/route.ts'
import { type EngineState, Liveness, NotReady, Readiness } from '#schemas/http/health.ts'
import { ProblemError } from '#schemas/http/problem.ts'

/** An engine as readiness sees it. */
export interface EngineProbe {
  readonly name: string
  /** True when requests are answered without it too, if more slowly: its state is reported, but does not count. */
  readonly isOptional?: boolean
  /** Resolves when the engine answers. */
  ping(): Promise<void>
}

interface HealthDeps {
  readonly engines: readonly EngineProbe[]
  readonly metrics: Registry
  readonly now: () => number
  /** What to do about listening beyond this machine, when it does. */
  readonly warning?: string | undefined
  /** Whether the process is about to end. */
  readonly isStopping?: () => boolean
}

export const PING_DEADLINE_MS = 2_000
const READINESS_TTL_MS = 1_000

/** What the health routes ask. */
interface Health {
  readonly readiness: () => Promise<Readiness>
  readonly metrics: Registry
  readonly isStopping: () => boolean
}

const live: Route<Health> = route({
  method: 'get',
  path: '/livez',
  operationId: 'live',
  tag: 'operations',
  summary: 'The process is alive.',
  description: 'No engine is asked: restart the process when this does not answer.',
  answer: json(Liveness, { description: 'The process is alive.', example: { status: 'alive' } }),
  cacheControl: 'no-store',
  isLimited: false,
  handle: () => ({ status: 'alive' as const }),
})

const ready: Route<Health> = route({
  method: 'get',
  path: '/readyz',
  operationId: 'ready',
  tag: 'operations',
  summary: 'Whether every required engine answers.',
  description:
    'Send this process no requests while the answer is 503; that problem has the state of each engine too. Engines are asked at most once a second, however many requests come.',
  answer: json(Readiness, {
    description: 'The state of each engine.',
    example: { ready: true, engines: [{ name: 'log', ready: true }], exposed: false },
  }),
  cacheControl: 'no-store',
  problems: [
    { kind: 'engine-unavailable', schema: NotReady },
    { kind: 'shutting-down', schema: NotReady },
  ],
  isLimited: false,
  async handle(_input, { readiness, isStopping }: Health) {
    const answer = await readiness()
    if (isStopping()) throw stopping(answer)
    if (!answer.ready) throw notReady(answer)
    return answer
  },
})

const metricsText: Route<Health> = route({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tag: 'operations',
  summary: 'Metrics in the text format of Prometheus.',
  description: 'Values of an engine that does not answer are NaN; all others are reported.',
  answer: text(Registry.PROMETHEUS_CONTENT_TYPE, {
    description: 'The metrics.',
    example: 'freshet_ledger_balanced 1\n',
  }),
  cacheControl: 'no-store',
  isLimited: false,
  handle: (_input, { metrics }: Health) => metrics.metrics(),
})

/** Whether the process lives, whether its engines answer, and the metrics. */
export const HEALTH_ROUTES: readonly Route<Health>[] = [live, ready, metricsText]

/** The health routes of a process that needs these engines. */
export function healthEndpoints(deps: HealthDeps): readonly Endpoint[] {
  const { engines, metrics, now, warning, isStopping = () => false } = deps
  const readiness = keptFor(READINESS_TTL_MS, now, () => probe(engines, warning))
  return endpoints(HEALTH_ROUTES, { readiness, metrics, isStopping })
}

async function probe(engines: readonly EngineProbe[], warning?: string): Promise<Readiness> {
  const states = await Promise.all(engines.map(stateOf))
  const isReady = states.every(({ ready }, i) => ready || engines[i]?.isOptional === true)
  const exposure = { exposed: warning !== undefined, ...(warning !== undefined && { warning }) }
  return { ready: isReady, engines: states, ...exposure }
}

async function stateOf(engine: EngineProbe): Promise<EngineState> {
  const { name } = engine
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => deadline.reject(new Error(`no answer within ${PING_DEADLINE_MS} ms`)),
    PING_DEADLINE_MS,
  )
  try {
    await Promise.race([engine.ping(), deadline.promise])
    return { name, ready: true }
  } catch (error) {
    return { name, ready: false, reason: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

function notReady(answer: Readiness): ProblemError {
  const failed = answer.engines.filter((engine) => !engine.ready)
  const detail = failed.map((engine) => `${engine.name}: ${engine.reason}`).join('; ')
  return new ProblemError('engine-unavailable', detail, {
    members: { ...answer },
    retryAfterSeconds: 1,
  })
}

function stopping(answer: Readiness): ProblemError {
  const detail =
    'This process is stopping; send requests to another, or to this one when it is back.'
  return new ProblemError('shutting-down', detail, {
    members: { ...answer, ready: false },
    retryAfterSeconds: 1,
  })
}

/** Probes come often and from many: one run answers all that come within `ttlMs` of its start. */
function keptFor<T>(ttlMs: number, now: () => number, read: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined
  let startedAt = 0
  return () => {
    if (kept === undefined || now() - startedAt >= ttlMs) {
      startedAt = now()
      kept = read()
    }
    return kept
  }
}
