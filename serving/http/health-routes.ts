import { Router } from 'express'
import type { Registry } from 'prom-client'
import type { EngineState, Liveness, Readiness } from '#schemas/http/health.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import { methodNotAllowed } from './method-not-allowed.ts'

/** An engine as readiness sees it. */
export interface EngineProbe {
  readonly name: string
  /** True when requests are answered without it too, if more slowly: its state is told, and does not count. */
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

/** Whether the process lives, whether its engines answer, and the metrics. */
export function healthRoutes(deps: HealthDeps): Router {
  const { engines, metrics, now, warning, isStopping = () => false } = deps
  const router = Router()
  const readiness = keptFor(READINESS_TTL_MS, now, () => probe(engines, warning))

  router
    .route('/livez')
    .get((_request, response) => {
      const answer: Liveness = { status: 'alive' }
      response.set('Cache-Control', 'no-store').json(answer)
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/readyz')
    .get(async (_request, response) => {
      response.set('Cache-Control', 'no-store')
      const answer = await readiness()
      if (isStopping()) throw stopping(answer)
      if (!answer.ready) throw notReady(answer)
      response.json(answer)
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  router
    .route('/metrics')
    .get(async (_request, response) => {
      response.set('Cache-Control', 'no-store').type(metrics.contentType)
      response.send(await metrics.metrics())
    })
    .all(methodNotAllowed('GET', 'HEAD'))

  return router
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
  const detail = 'This process is stopping; ask another, or this one when it is back.'
  return new ProblemError('shutting-down', detail, {
    members: { ...answer, ready: false },
    retryAfterSeconds: 1,
  })
}

/** Probes are asked often and by many: one run answers all who come within `ttlMs` of its start. */
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
