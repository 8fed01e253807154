import { Ledger } from '#schemas/http/ledger.ts'
import type { Finding } from './checks.ts'

const TIMEOUT_MS = 5_000

/** What a running Freshet says of its engines and its ledger; undefined when nothing answers there. */
export async function askRunning(url: string): Promise<Finding[] | undefined> {
  const ready = await get(url, '/readyz')
  if (ready === undefined) return undefined
  const { engines = [] } = ready as {
    engines?: readonly { name: string; ready: boolean; reason?: string }[]
  }
  const findings = engines.map(({ name, ready: isReady, reason }): Finding => {
    return { check: name, state: isReady ? 'ok' : 'failed', detail: reason ?? 'answers' }
  })
  return [...findings, await ledgerFinding(url)]
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

async function get(url: string, path: string): Promise<unknown> {
  try {
    const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return await answer.json()
  } catch {
    return undefined
  }
}
