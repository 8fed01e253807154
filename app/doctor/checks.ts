import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem } from 'node:os'
import type { Config } from '#app/config.ts'
import { checkDataFolder } from '#app/data-folder.ts'
import { hasFailed, lastRunInWords, readLastRun } from '#app/reindex/last-run.ts'
import { nextRuns } from '#app/reindex/schedule.ts'
import { EngineError } from '#engines/errors.ts'

/** What was found, and what to do when it is not well. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly detail: string
}

const NODE_MAJOR_MIN = 24
const GIGABYTE = 1e9

export type Check = () => Promise<string> | string

/** The machine: what Freshet needs of it. */
export function machineChecks(): readonly (readonly [string, Check])[] {
  return [
    [
      'node',
      () =>
        atLeast(
          `Node ${process.version}`,
          Number.parseInt(process.versions.node, 10),
          NODE_MAJOR_MIN,
          'run it through npm, which brings Node 24 along',
        ),
    ],
    ['platform', platform],
    [
      'memory',
      () =>
        atLeast(
          `${gigabytes(freemem())} GB free`,
          freemem(),
          GIGABYTE,
          'close other programs; the tables alone want 0.5 GB',
        ),
    ],
  ]
}

/** The folder of a Freshet that is stopped. */
export function folderChecks(config: Config): readonly (readonly [string, Check])[] {
  return [
    ['data folder', () => dataFolder(config.dataFolder)],
    ['reindex', () => lastReindex(config)],
  ]
}

/** Runs the checks one after the other; none stops the next. */
export async function runChecks(checks: readonly (readonly [string, Check])[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [check, run] of checks) {
    try {
      findings.push({ check, state: 'ok', detail: await run() })
    } catch (error) {
      const isInUse = error instanceof EngineError && error.code === 'DATA_FOLDER_IN_USE'
      const detail = error instanceof Error ? error.message : String(error)
      findings.push({ check, state: isInUse ? 'warning' : 'failed', detail })
    }
  }
  return findings
}

function platform(): string {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  const glibc = report.header?.glibcVersionRuntime
  const isFit =
    process.platform === 'darwin' || (process.platform === 'linux' && glibc !== undefined)
  if (isFit)
    return `${process.platform} ${process.arch}${glibc ? `, glibc ${glibc}` : ''}, ${availableParallelism()} cores`
  throw new Error(
    `${process.platform} ${process.arch} has no tables engine: it needs Linux with glibc (not Alpine) or macOS`,
  )
}

async function dataFolder(folder: string): Promise<string> {
  if (!existsSync(folder)) return `${folder} is not there yet; \`freshet start\` makes it`
  await checkDataFolder(folder)
  const { bavail, bsize } = await statfs(folder)
  return atLeast(
    `${folder}, ${gigabytes(bavail * bsize)} GB free`,
    bavail * bsize,
    GIGABYTE,
    'make room on the disk: a full one stops ingest',
  )
}

/** What the last run came to, and when the next one is. */
async function lastReindex({ dataFolder: folder, reindex: times }: Config): Promise<string> {
  const last = await readLastRun(folder)
  const next = times && nextRuns(times, 1)[0]
  const due = next === undefined ? 'none is scheduled' : `the next is at ${next.toISOString()}`
  if (last === undefined) return `none that ${folder} knows of; ${due}`
  const told = `${lastRunInWords(last)}; ${due}`
  if (hasFailed(last.outcome)) throw new Error(`${told}. \`freshet reindex\` goes on`)
  return told
}

function atLeast(found: string, value: number, least: number, advice: string): string {
  if (value >= least) return found
  throw new Error(`${found}: too little; ${advice}`)
}

function gigabytes(bytes: number): string {
  return (bytes / GIGABYTE).toFixed(1)
}
