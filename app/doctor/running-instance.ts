import { hasFailed, REINDEX_OUTCOMES } from '#app/reindex/last-run.ts'
import { Ledger } from '#schemas/http/ledger.ts'
import type { Finding } from './checks.ts'

const TIMEOUT_MS = 5_000

/** What a running Freshet says of its engines, its ledger and its reindex; undefined when nothing answers there. */
export async function askRunning(url: string): Promise<Finding[] | undefined> {
  const ready = await get(url, '/readyz')
  if (ready === undefined) return undefined
  const { engines, detail = 'it is no Freshet' } = ready as {
    engines?: readonly { name: string; ready: boolean; reason?: string }[]
    detail?: string
  }
  // A problem, such as that it does not answer to this name.
  if (engines === undefined) return [{ check: 'instance', state: 'failed', detail }]
  const findings = engines.map(({ name, ready: isReady, reason }): Finding => {
    return { check: name, state: isReady ? 'ok' : 'failed', detail: reason ?? 'answers' }
  })
  return [...findings, await ledgerFinding(url), ...(await reindexFindings(url))]
}

/** What its metrics tell of the reindex; nothing where it does not reindex by itself. */
async function reindexFindings(url: string): Promise<Finding[]> {
  const metrics = (await ask(url, '/metrics')) ?? ''
  const gaugeOf = (series: string) =>
    Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length),
    )
  const next = gaugeOf('freshet_reindex_next_run_timestamp_seconds')
  if (Number.isNaN(next)) return []
  const outcome = REINDEX_OUTCOMES.find(
    (each) => gaugeOf(`freshet_reindex_last_run_outcome{outcome="${each}"}`) === 1,
  )
  const servedAt = gaugeOf('freshet_reindex_last_success_timestamp_seconds')
  const last = outcome?.replace('_', ' ') ?? 'none yet'
  const served = servedAt > 0 ? iso(servedAt) : 'never'
  const detail = `${last}, last served ${served}; the next is at ${iso(next)}`
  const state = outcome !== undefined && hasFailed(outcome) ? 'failed' : 'ok'
  return [{ check: 'reindex', state, detail }]
}

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString()
}

async function ledgerFinding(url: string): Promise<Finding> {
  const ledger = Ledger.safeParse(await get(url, '/v1/ledger'))
  if (!ledger.success) return { check: 'ledger', state: 'failed', detail: 'cannot be read' }
  const { balanced, appended, stored, dead_lettered, pending } = ledger.data
  const detail = `${appended} appended = ${stored} stored + ${dead_lettered} dead letters + ${pending} pending`
  return balanced
    ? { check: 'ledger', state: 'ok', detail }
    : {
        check: 'ledger',
        state: 'failed',
        detail: `does not balance: ${detail}; see /v1/ledger for the partition`,
      }
}

/** The answer as JSON, whatever its status; undefined when there is none, or it is something else. */
async function get(url: string, path: string): Promise<unknown> {
  try {
    return JSON.parse((await ask(url, path)) ?? '')
  } catch {
    return undefined
  }
}

async function ask(url: string, path: string): Promise<string | undefined> {
  try {
    const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return await answer.text()
  } catch {
    return undefined
  }
}
