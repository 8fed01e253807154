import { z } from 'zod'
import type { LowWater } from './low-water.ts'

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
  readonly low: LowWater
}

const Note = z.object({
  in_doubt: z.object({ end: z.int(), rows: z.int(), version: z.string() }).optional(),
  /** A watermark of null: nothing had been seen yet. */
  low: z.tuple([z.int(), z.number().nullable()]),
})

export function writeNote({ inDoubt, low }: CommitNote): string {
  const watermark = Number.isFinite(low.watermark) ? low.watermark : null
  return JSON.stringify({ in_doubt: inDoubt, low: [low.offset, watermark] } satisfies z.input<
    typeof Note
  >)
}

/** The note beside a commit; a group that never committed starts at `offset`. @throws Error when it is not one of ours */
export function readNote(metadata: string, offset: number): CommitNote {
  if (metadata === '') return { low: { offset, watermark: Number.NEGATIVE_INFINITY } }
  const note = Note.parse(JSON.parse(metadata))
  const low = { offset: note.low[0], watermark: note.low[1] ?? Number.NEGATIVE_INFINITY }
  return note.in_doubt === undefined ? { low } : { low, inDoubt: note.in_doubt }
}
