import type { SqliteFailure } from '#engines/sqlite-error.ts'
import type { TopicSpec } from '../port.ts'

interface InGroup {
  readonly group: string
  readonly topic: number
  readonly partition: number
}

/** Small writes that go to the disk together with the batches. */
export type Change =
  | ({ readonly kind: 'topic'; readonly id: number } & TopicSpec)
  | ({ readonly kind: 'commit'; readonly offset: number; readonly metadata: string } & InGroup)
  | ({ readonly kind: 'epoch'; readonly epoch: number } & InGroup)

/** A batch on its way to the writer; the checksum is computed there. */
export interface NewBatch {
  readonly topic: number
  readonly partition: number
  readonly lastOffset: number
  readonly count: number
  readonly records: Uint8Array<ArrayBuffer>
}

/** Everything that one transaction writes. */
export interface Transaction {
  readonly timestamp: number
  readonly batches: readonly NewBatch[]
  readonly changes: readonly Change[]
}

/** `failure` undefined: the whole transaction is on the disk. Otherwise none of it is. */
export interface Outcome {
  readonly failure: SqliteFailure | undefined
}

export type WriterMessage = ({ readonly kind: 'write' } & Transaction) | { readonly kind: 'close' }
