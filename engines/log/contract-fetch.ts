import { describe, expect, test } from 'vitest'
import { numbered, type OpenLog, type WithLog } from './contract.fixture.ts'
import { Holder, PLENTY, textOf } from './contract-reading.ts'
import type { Lease } from './port.ts'

interface Filled extends OpenLog {
  readonly lease: Lease
}

export function fetchContract(withLog: WithLog): void {
  /** A lease of the partition of 'key', with this many records in it. */
  const withLease = (count: number, check: (filled: Filled) => Promise<void>) =>
    withLog(async (opened) => {
      const { log, topic } = opened
      const [first] = await log.append(numbered(topic, 'r', Math.max(1, count)))
      await using holder = await Holder.join(log, { group: null, topics: [topic] })
      await check({ ...opened, lease: await holder.lease(first?.partition ?? -1) })
    })

  describe('fetching', () => {
    test(
      'records come in offset order from any offset, again and again',
      withLease(500, async ({ lease }) => {
        for (const from of [0, 499, 250, 0]) {
          const records = await lease.fetch(from, PLENTY)
          expect(records.length).toBeGreaterThan(0)
          expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => from + i))
          expect(records.map(textOf)).toEqual(records.map(({ offset }) => `r-${offset}`))
        }
      }),
    )

    test(
      'no more than maxRecords come',
      withLease(50, async ({ lease }) => {
        const limits = { ...PLENTY, maxRecords: 7 }
        let next = 0
        for (; next < 50; ) {
          const records = await lease.fetch(next, limits)
          expect(records.length).toBeGreaterThan(0)
          expect(records.length).toBeLessThanOrEqual(7)
          next += records.length
        }
        expect(next).toBe(50)
      }),
    )

    test(
      'no more than maxBytes come, but always one record',
      withLog(async ({ log, topic }) => {
        const sizes = [100, 3_000, 100, 100, 5_000]
        const records = sizes.map((size) => ({ topic, key: 'k', value: Buffer.alloc(size) }))
        const [position] = await log.append(records)
        await using holder = await Holder.join(log, { group: null, topics: [topic] })
        const lease = await holder.lease(position?.partition ?? -1)
        for (let next = 0; next < sizes.length; ) {
          const fetched = await lease.fetch(next, { ...PLENTY, maxBytes: 1_000 })
          const bytes = fetched.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
          expect(fetched.length).toBeGreaterThan(0)
          expect(fetched.length === 1 || bytes <= 1_000).toBe(true)
          next += fetched.length
        }
      }),
    )

    test(
      'at the end there is nothing until the wait is over',
      withLease(3, async ({ lease }) => {
        expect(await lease.fetch(3, { ...PLENTY, waitMs: 50 })).toEqual([])
        expect(await lease.fetch(3, { ...PLENTY, waitMs: 0 })).toEqual([])
      }),
    )

    test(
      'a waiting fetch gets what is appended meanwhile',
      withLease(3, async ({ log, topic, lease }) => {
        const waiting = lease.fetch(3, { ...PLENTY, waitMs: 60_000 })
        await log.append(numbered(topic, 'late', 1))
        expect((await waiting).map(textOf)).toEqual(['late-0'])
      }),
    )

    test(
      'an abort ends a fetch with its reason, before and during the wait',
      withLease(3, async ({ lease }) => {
        const reason = new Error('enough')
        await expect(lease.fetch(0, PLENTY, AbortSignal.abort(reason))).rejects.toBe(reason)
        const abort = new AbortController()
        const waiting = lease.fetch(3, { ...PLENTY, waitMs: 60_000 }, abort.signal)
        abort.abort(reason)
        await expect(waiting).rejects.toBe(reason)
        expect((await lease.fetch(2, PLENTY)).map(textOf)).toEqual(['r-2'])
      }),
    )

    test(
      'an offset that is not kept is out of range',
      withLease(3, async ({ lease }) => {
        for (const offset of [4, 1_000, -1]) {
          await expect(lease.fetch(offset, { ...PLENTY, waitMs: 100 })).rejects.toMatchObject({
            code: 'OFFSET_OUT_OF_RANGE',
          })
        }
      }),
    )
  })
}
