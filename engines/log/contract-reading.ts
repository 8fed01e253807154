import { once } from 'node:events'
import { vi } from 'vitest'
import type { JoinOptions, Lease, Log, LogRecord, Membership, Partition } from './port.ts'

/** A rebalance on a busy broker. */
const SETTLE = { timeout: 120_000, interval: 5 }

/** Resolves when the check no longer throws; rejects with its last error. */
export function eventually<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, SETTLE)
}

/** A member that does nothing with its leases but hold them until they are lost: tests work with them by hand. */
export class Holder implements AsyncDisposable {
  readonly membership: Membership
  readonly taken: Lease[]

  private constructor(membership: Membership, taken: Lease[]) {
    this.membership = membership
    this.taken = taken
  }

  /** `beforeReturn` is awaited between the loss of a lease and the return of its work. */
  static async join(
    log: Log,
    options: Omit<JoinOptions, 'work'>,
    beforeReturn: () => Promise<void> = async () => {},
  ): Promise<Holder> {
    const taken: Lease[] = []
    const work = async (lease: Lease) => {
      taken.push(lease)
      if (!lease.signal.aborted) await once(lease.signal, 'abort')
      await beforeReturn()
    }
    return new Holder(await log.join({ ...options, work }), taken)
  }

  get held(): readonly Lease[] {
    return this.taken.filter((lease) => !lease.signal.aborted)
  }

  /** The lease it holds of the partition; waits for it. */
  lease(partition: number): Promise<Lease> {
    return eventually(() => {
      const lease = this.held.find((held) => held.partition === partition)
      if (lease === undefined) throw new Error(`no lease of partition ${partition} came`)
      return lease
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.membership[Symbol.asyncDispose]()
  }
}

export const PLENTY = { maxRecords: 100_000, maxBytes: 64 * 1024 * 1024, waitMs: 10_000 }

/** The records of a partition from `offset` up to `end`. */
export async function readTo(lease: Lease, offset: number, end: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (let next = offset; next < end; next = (records.at(-1)?.offset ?? next) + 1) {
    records.push(...(await lease.fetch(next, PLENTY)))
  }
  return records
}

/** Every record of the topics, by partition. */
export async function readAll(log: Log, topic: string): Promise<Map<number, LogRecord[]>> {
  await using holder = await Holder.join(log, { group: null, topics: [topic] })
  const all = new Map<number, LogRecord[]>()
  for (const { partition, first, end } of await log.bounds([topic])) {
    all.set(partition, await readTo(await holder.lease(partition), first, end))
  }
  return all
}

export function textOf({ value }: LogRecord): string {
  return Buffer.from(value ?? []).toString()
}

export function partitionsOf(leases: readonly Partition[]): number[] {
  return leases.map((lease) => lease.partition).toSorted((a, b) => a - b)
}
