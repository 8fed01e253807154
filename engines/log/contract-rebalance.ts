import { describe, expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { numbered, PARTITIONS, type WithLog } from './contract.fixture.ts'
import { eventually, Holder, PLENTY, partitionsOf, textOf } from './contract-reading.ts'
import type { Lease, Log, Membership } from './port.ts'

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition)

export function rebalanceContract(withLog: WithLog): void {
  describe('when members come and go', () => {
    test(
      'a lease that stays lives on: it reads and commits under the same epoch, and its work is not called again',
      withLog(async ({ log, topic, group, openBeside }) => {
        await log.append(ALL.flatMap((i) => numbered(topic, `k${i}`, 5, `key-${i}`)))
        await using first = await Holder.join(log, { group, topics: [topic] })
        for (const partition of ALL) await first.lease(partition)
        const second = await Holder.join(await openBeside(), { group, topics: [topic] })
        await eventually(() => expect(second.held.length).toBeGreaterThan(0))
        const kept = first.held
        expect(kept.length).toBeGreaterThan(0)
        await second[Symbol.asyncDispose]()
        await eventually(() => expect(partitionsOf(first.held)).toEqual(ALL))
        for (const lease of kept) {
          expect(first.held).toContain(lease)
          await lease.commit(0, `kept by ${lease.epoch}`)
        }
        expect(first.taken.length).toBe(PARTITIONS + (PARTITIONS - kept.length))
      }),
    )

    test(
      'commits go through or are refused for good, and each new owner begins where the last accepted one ended',
      withLog(async ({ log, topic, group, openBeside }) => {
        const counter = new Counter()
        const join = (at: Log) => at.join({ group, topics: [topic], work: counter.work })
        const staying = await join(log)
        const others: Membership[] = []
        const other = await openBeside()
        for (let round = 0; round < 3; round++) {
          const taken = counter.taken
          others.push(await join(other))
          await eventually(() => expect(counter.taken).toBeGreaterThan(taken))
          if (round > 0) await others.shift()?.[Symbol.asyncDispose]()
        }
        await Promise.all([...others, staying].map((member) => member[Symbol.asyncDispose]()))
        expect(counter.mistakes).toEqual([])
        for (const { partition, offset } of await log.committed(group, [topic]))
          expect(offset).toBe(counter.accepted.get(partition))
      }),
    )

    test(
      'reading goes on from the commit of the one before',
      withLog(async ({ log, topic, group, openBeside }) => {
        const [first] = await log.append(numbered(topic, 'r', 10))
        const partition = first?.partition ?? -1
        const leaving = await Holder.join(await openBeside(), { group, topics: [topic] })
        const lease = await leaving.lease(partition)
        await lease.fetch(0, PLENTY)
        await lease.commit(4, 'four')
        await leaving[Symbol.asyncDispose]()
        await using staying = await Holder.join(log, { group, topics: [topic] })
        const next = await staying.lease(partition)
        expect(next.committed).toMatchObject({ offset: 4, metadata: 'four' })
        const records = await next.fetch(next.committed.offset, PLENTY)
        expect(records.slice(0, 1).map(textOf)).toEqual(['r-4'])
      }),
    )
  })
}

/** Work that counts up in commits, as fast as the log takes them, and notices when another member did so too. */
class Counter {
  readonly accepted = new Map<number, number>()
  readonly mistakes: string[] = []
  taken = 0

  readonly work = async (lease: Lease): Promise<void> => {
    this.taken++
    const { partition, committed } = lease
    const expected = this.accepted.get(partition) ?? 0
    if (committed.offset !== expected)
      this.mistakes.push(`${partition} begins at ${committed.offset}, after ${expected}`)
    for (let offset = committed.offset + 1; !lease.signal.aborted; ) {
      try {
        await lease.commit(offset, `${lease.epoch}`)
        if ((this.accepted.get(partition) ?? 0) !== offset - 1)
          this.mistakes.push(`${partition} counts ${offset} after ${this.accepted.get(partition)}`)
        this.accepted.set(partition, offset++)
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        if (error.code !== 'LEASE_LOST' && !error.retriable) throw error
      }
    }
  }
}
