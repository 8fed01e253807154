import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '#engines/clock/port.ts'
import { replaceFile } from '#engines/replace-file.ts'
import type { ReindexReport } from '#items/reindex/reindex.ts'
import { ReindexUnderWay } from '#items/reindex/run-lock.ts'

/** The outcome of a run: its collection is served, its verification failed, it failed otherwise, or it was told to stop. */
export const REINDEX_OUTCOMES = ['served', 'not_served', 'failed', 'stopped'] as const

/** Times are RFC 3339 in UTC. */
const LastRun = z.object({
  started_at: z.iso.datetime(),
  seconds: z.number(),
  outcome: z.enum(REINDEX_OUTCOMES),
  /** Why it is not served. */
  reason: z.string().optional(),
  /** When a run was last served; it may be an earlier one. */
  last_success_at: z.iso.datetime().optional(),
})
export type LastRun = z.output<typeof LastRun>

/** For people: what it came to, when, and why readers have what they had, if they do. */
export function lastRunInWords({ outcome, started_at, reason, last_success_at }: LastRun): string {
  const why = reason === undefined ? '' : ` (${reason}; readers have what they had)`
  const served = last_success_at ?? 'never'
  return `${outcome.replace('_', ' ')} at ${started_at}${why}, last served ${served}`
}

/** Whether somebody must look. */
export function hasFailed(outcome: LastRun['outcome']): boolean {
  return outcome === 'failed' || outcome === 'not_served'
}

/** What the data folder knows of the last run that came to an end; undefined when it knows of none. */
export async function readLastRun(dataFolder: string): Promise<LastRun | undefined> {
  const text = await readFile(fileIn(dataFolder), 'utf8').catch(() => 'null')
  const read = LastRun.safeParse(jsonOf(text))
  return read.success ? read.data : undefined
}

export interface RecordOptions {
  readonly dataFolder: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called when the record could not be written; the run itself stays valid. */
  readonly onUnwritten: (error: unknown) => void
}

/**
 * Does a run and records its outcome in the data folder. A run that was refused because of another one is not recorded;
 * one that is killed leaves the record of the run before it. @throws what the run throws
 */
export async function recordRun(
  { dataFolder, clock, signal, onUnwritten }: RecordOptions,
  run: () => Promise<ReindexReport>,
): Promise<ReindexReport> {
  const startedAt = clock.now()
  const record = async (outcome: LastRun['outcome'], reason?: string) => {
    const now = clock.now()
    const before = await readLastRun(dataFolder)
    const successAt = outcome === 'served' ? iso(now) : before?.last_success_at
    const lastRun: LastRun = {
      started_at: iso(startedAt),
      seconds: (now - startedAt) / 1_000,
      outcome,
      ...(reason !== undefined && { reason }),
      ...(successAt !== undefined && { last_success_at: successAt }),
    }
    await replaceFile(fileIn(dataFolder), `${JSON.stringify(lastRun)}\n`).catch(onUnwritten)
  }
  try {
    const report = await run()
    const { failures } = report.verification
    await (report.swapped ? record('served') : record('not_served', failures.join('; ')))
    return report
  } catch (error) {
    if (signal.aborted) await record('stopped')
    else if (!(error instanceof ReindexUnderWay)) await record('failed', messageOf(error))
    throw error
  }
}

function fileIn(dataFolder: string): string {
  return join(dataFolder, 'reindex.json')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
