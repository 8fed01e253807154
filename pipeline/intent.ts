import { z } from 'zod'
import type { ReplayPoint } from './low-water.ts'

/** The batch that a group was about to store when it committed: exactly this one may be in doubt. */
export interface Batch {
  /** First offset after the batch; its first is the committed offset. */
  readonly end: number
  /** Rows to store, dead letters not counted. */
  readonly rows: number
  /** Of the topology that made the rows. */
  readonly version: string
}

/** What stands in the metadata of a commit. */
export interface CommitNote {
  readonly inDoubt?: Batch
  /** From where the state at the committed offset can be built without a snapshot. */
  readonly low: ReplayPoint
}

const Note = z.object({
  in_doubt: z.object({ end: z.int(), rows: z.int(), version: z.string() }).optional(),
  /** A watermark of null: nothing had been seen yet. */
  low: z.tuple([z.int(), z.number().nullable()]),
  lineage: z.string().default(''),
})

export function writeNote({ inDoubt, low }: CommitNote): string {
  const watermark = Number.isFinite(low.watermark) ? low.watermark : null
  const note: z.input<typeof Note> = {
    in_doubt: inDoubt,
    low: [low.offset, watermark],
    lineage: low.lineage,
  }
  return JSON.stringify(note)
}

/** The note beside a commit; a group that never committed starts at `offset`, with a new lineage. @throws Error when Freshet did not write it */
export function readNote(metadata: string, offset: number, newLineage: () => string): CommitNote {
  if (metadata === '')
    return { low: { offset, watermark: Number.NEGATIVE_INFINITY, lineage: newLineage() } }
  const note = Note.parse(JSON.parse(metadata))
  const [at, watermark] = note.low
  const low = {
    offset: at,
    watermark: watermark ?? Number.NEGATIVE_INFINITY,
    lineage: note.lineage,
  }
  return note.in_doubt === undefined ? { low } : { low, inDoubt: note.in_doubt }
}
