import type { PartitionAnswer } from './protocol.ts'
import { type RecordBatch, splitBatches } from './record-batch.ts'

/** A control batch of this type ends a transaction that was aborted. */
const ABORT = 0

/**
 * The batches of an answer without those of transactions that were aborted. Freshet writes no transactions; services
 * that share its topics may. A batch that ends below `offset` is dropped: brokers may send it along.
 */
export function readCommitted(
  { records, abortedTransactions }: PartitionAnswer,
  offset: number,
): RecordBatch[] {
  const batches = splitBatches(records).filter(({ lastOffset }) => lastOffset >= offset)
  if (abortedTransactions.length === 0) return batches
  const starting = abortedTransactions.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const aborted = new Set<bigint>()
  return batches.map((batch) => {
    while (starting[0] !== undefined && starting[0].firstOffset <= batch.lastOffset) {
      aborted.add(starting[0].producerId)
      starting.shift()
    }
    if (batch.isControl) {
      if (batch.controlType === ABORT) aborted.delete(batch.producerId)
    } else if (batch.isTransactional && aborted.has(batch.producerId)) batch.skip()
    return batch
  })
}
