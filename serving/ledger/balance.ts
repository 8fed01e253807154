import type { Ledger, LedgerEntry } from '#schemas/http/ledger.ts'

/** What was counted in one partition: offsets of the log, rows of the tables. */
export interface PartitionCounts {
  readonly topic: string
  readonly partition: number
  readonly first: number
  readonly committed: number
  readonly end: number
  readonly stored: number
  readonly dead_lettered: number
}

type Balance = Omit<Ledger, 'as_of' | 'duplicates' | 'late'>

/** Balanced when it holds in every partition: a loss here and a double there must not cancel out. */
export function balance(counts: readonly PartitionCounts[]): Balance {
  const partitions = counts.map(entryOf)
  return {
    balanced: partitions.every(isBalanced),
    appended: total(partitions, 'appended'),
    stored: total(partitions, 'stored'),
    dead_lettered: total(partitions, 'dead_lettered'),
    pending: total(partitions, 'pending'),
    partitions,
  }
}

function entryOf(counts: PartitionCounts): LedgerEntry {
  const { topic, partition, first, committed, end, stored, dead_lettered } = counts
  return {
    topic,
    partition,
    appended: end - first,
    stored,
    dead_lettered,
    pending: end - committed,
  }
}

function isBalanced({ appended, stored, dead_lettered, pending }: LedgerEntry): boolean {
  return appended === stored + dead_lettered + pending
}

function total<K extends string>(entries: readonly Record<K, number>[], key: K): number {
  return entries.reduce((sum, entry) => sum + entry[key], 0)
}
