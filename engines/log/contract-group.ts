import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { numbered, PARTITIONS, type WithLog } from './contract.fixture.ts'
import { eventually, Holder, PLENTY, partitionsOf, textOf } from './contract-reading.ts'
import type { Lease } from './port.ts'

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition)
const LOST = { code: 'LEASE_LOST' }

export function groupContract(withLog: WithLog): void {
  describe('a group', () => {
    test(
      'gives a lone member every partition, from the oldest record on',
      withLog(async ({ log, topic, group }) => {
        await log.append(numbered(topic, 'r', 5))
        await using holder = await Holder.join(log, { group, topics: [topic] })
        for (const partition of ALL) {
          const lease = await holder.lease(partition)
          expect(lease.topic).toBe(topic)
          expect(lease.committed).toEqual({ topic, partition, offset: 0, metadata: '' })
        }
        expect(await log.committed(group, [topic])).toEqual([])
      }),
    )

    test(
      'starts at the newest record if asked to, where nothing is committed',
      withLog(async ({ log, topic, group }) => {
        const [{ partition } = { partition: -1 }] = await log.append(numbered(topic, 'r', 5))
        await using holder = await Holder.join(log, { group, topics: [topic], startAt: 'latest' })
        const lease = await holder.lease(partition)
        expect(lease.committed).toMatchObject({ offset: 5, metadata: '' })
        await log.append(numbered(topic, 'new', 1))
        expect((await lease.fetch(lease.committed.offset, PLENTY)).map(textOf)).toEqual(['new-0'])
      }),
    )

    test(
      'remembers its newest commit and the metadata for the next lease, whatever startAt says',
      withLog(async ({ log, topic, group, reopen }) => {
        const [{ partition } = { partition: -1 }] = await log.append(numbered(topic, 'r', 9))
        const metadata = 'ü€🎫'.repeat(500).slice(0, 1_000)
        {
          await using holder = await Holder.join(log, { group, topics: [topic] })
          const lease = await holder.lease(partition)
          await lease.commit(3, 'intent')
          await lease.commit(7, metadata)
        }
        const commit = { topic, partition, offset: 7, metadata }
        expect(await log.committed(group, [topic])).toEqual([commit])
        const reopened = await reopen()
        expect(await reopened.committed(group, [topic])).toEqual([commit])
        await using holder = await Holder.join(reopened, {
          group,
          topics: [topic],
          startAt: 'latest',
        })
        expect((await holder.lease(partition)).committed).toEqual(commit)
      }),
    )

    test(
      'takes metadata of 4,096 bytes and refuses more, which leaves the commit as it was',
      withLog(async ({ log, topic, group }) => {
        await using holder = await Holder.join(log, { group, topics: [topic] })
        const lease = await holder.lease(0)
        const largest = 'é'.repeat(2_048)
        await lease.commit(0, largest)
        await expect(lease.commit(0, `${largest}.`)).rejects.toMatchObject({
          code: 'ENGINE_REFUSED',
          retriable: false,
        })
        expect(await log.committed(group, [topic])).toMatchObject([{ metadata: largest }])
      }),
    )

    test(
      'knows nothing of the commits and members of another',
      withLog(async ({ log, topic, group }) => {
        await using one = await Holder.join(log, { group, topics: [topic] })
        await using other = await Holder.join(log, { group: `${group}-other`, topics: [topic] })
        for (const partition of ALL) await one.lease(partition)
        for (const partition of ALL) await other.lease(partition)
        await (await one.lease(1)).commit(0, 'mine')
        expect(await log.committed(`${group}-other`, [topic])).toEqual([])
      }),
    )
  })

  describe('several members', () => {
    test(
      'share the partitions evenly, each of them held once, also across processes',
      withLog(async ({ openBeside, topic, group }) => {
        const holders: Holder[] = []
        for (const members of [1, 2, 3]) {
          holders.push(await Holder.join(await openBeside(), { group, topics: [topic] }))
          await eventually(() => {
            const counts = holders.map(({ held }) => held.length)
            expect(partitionsOf(holders.flatMap(({ held }) => held))).toEqual(ALL)
            expect(Math.min(...counts)).toBe(Math.floor(PARTITIONS / members))
            expect(Math.max(...counts)).toBe(Math.ceil(PARTITIONS / members))
          })
        }
        await Promise.all(holders.map((holder) => holder[Symbol.asyncDispose]()))
      }),
    )

    test(
      'more members than partitions leave some without',
      withLog(async ({ log, topic, group }) => {
        const holders = await Promise.all(
          [...ALL, 'one more'].map(() => Holder.join(log, { group, topics: [topic] })),
        )
        await eventually(() => {
          expect(partitionsOf(holders.flatMap(({ held }) => held))).toEqual(ALL)
          expect(Math.max(...holders.map(({ held }) => held.length))).toBe(1)
        })
        await Promise.all(holders.map((holder) => holder[Symbol.asyncDispose]()))
      }),
    )

    test(
      'take over what a leaving one held: from its commit, with a higher epoch',
      withLog(async ({ log, topic, group }) => {
        await log.append(numbered(topic, 'r', 20))
        const leaving = await Holder.join(log, { group, topics: [topic] })
        const epochs = []
        for (const partition of ALL) {
          const lease = await leaving.lease(partition)
          await lease.commit(0, `p${partition}`)
          epochs.push(lease.epoch)
        }
        await leaving[Symbol.asyncDispose]()
        expect(leaving.held).toEqual([])
        await using staying = await Holder.join(log, { group, topics: [topic] })
        for (const partition of ALL) {
          const lease = await staying.lease(partition)
          expect(lease.epoch).toBeGreaterThan(epochs[partition] ?? Number.NaN)
          expect(lease.committed.metadata).toBe(`p${partition}`)
        }
      }),
    )

    test(
      'a lease taken after the log was opened again has a higher epoch',
      withLog(async ({ log, topic, group, reopen }) => {
        const before = await Holder.join(log, { group, topics: [topic] })
        const { epoch } = await before.lease(0)
        await before[Symbol.asyncDispose]()
        await using after = await Holder.join(await reopen(), { group, topics: [topic] })
        expect((await after.lease(0)).epoch).toBeGreaterThan(epoch)
      }),
    )
  })

  describe('a lost lease', () => {
    test(
      'aborts, and refuses to fetch and to commit from then on',
      withLog(async ({ log, topic, group }) => {
        const holder = await Holder.join(log, { group, topics: [topic] })
        const lease = await holder.lease(0)
        const waiting = Promise.allSettled([lease.fetch(0, { ...PLENTY, waitMs: 60_000 })])
        await holder[Symbol.asyncDispose]()
        expect(await waiting).toMatchObject([{ status: 'rejected', reason: LOST }])
        expect(lease.signal.aborted).toBe(true)
        expect(lease.signal.reason).toMatchObject(LOST)
        await expect(lease.fetch(0, PLENTY)).rejects.toMatchObject(LOST)
        await expect(lease.commit(0, 'too late')).rejects.toMatchObject(LOST)
        expect(await log.committed(group, [topic])).toEqual([])
      }),
    )

    test(
      'goes to its new owner when its work has returned, not before',
      withLog(async ({ log, topic, group }) => {
        const gate = Promise.withResolvers<void>()
        const first = await Holder.join(log, { group, topics: [topic] }, () => gate.promise)
        const leases = await Promise.all(ALL.map((partition) => first.lease(partition)))
        const second = await Holder.join(log, { group, topics: [topic] })
        await eventually(() => expect(first.held.length).toBeLessThan(PARTITIONS))
        const lost = leases.filter((lease) => lease.signal.aborted)
        for (const lease of lost)
          await expect(lease.commit(0, 'too late')).rejects.toMatchObject(LOST)
        expect(second.taken).toEqual([])
        gate.resolve()
        const moved = await second.lease(lost[0]?.partition ?? -1)
        expect(moved.epoch).toBeGreaterThan(lost[0]?.epoch ?? Number.NaN)
        expect(moved.committed.metadata).toBe('')
        await Promise.all([first, second].map((holder) => holder[Symbol.asyncDispose]()))
      }),
    )
  })

  describe('a member', () => {
    test(
      'without a group reads every partition beside others like it, and cannot commit',
      withLog(async ({ log, topic }) => {
        await using one = await Holder.join(log, { group: null, topics: [topic] })
        await using two = await Holder.join(log, { group: null, topics: [topic] })
        for (const holder of [one, two]) {
          for (const partition of ALL) {
            const lease = await holder.lease(partition)
            await expect(lease.commit(0, '')).rejects.toMatchObject({
              code: 'ENGINE_REFUSED',
              retriable: false,
            })
          }
        }
      }),
    )

    test(
      'that leaves waits for its work, and leaves once',
      withLog(async ({ log, topic, group }) => {
        let working = 0
        const membership = await log.join({
          group,
          topics: [topic],
          work: async (lease) => {
            working++
            await once(lease.signal, 'abort')
            await new Promise((resolve) => setTimeout(resolve, 50))
            working--
          },
        })
        await eventually(() => expect(working).toBe(PARTITIONS))
        await Promise.all([membership, membership].map((m) => m[Symbol.asyncDispose]()))
        expect(working).toBe(0)
      }),
    )

    test(
      'whose work fails is out: failed rejects with the reason, others take over',
      withLog(async ({ log, topic, group }) => {
        const reason = new Error('a bug in the work')
        const failing = await log.join({
          group,
          topics: [topic],
          work: async () => {
            throw reason
          },
        })
        await expect(failing.failed).rejects.toBe(reason)
        await using holder = await Holder.join(log, { group, topics: [topic] })
        for (const partition of ALL) await holder.lease(partition)
        await failing[Symbol.asyncDispose]()
      }),
    )

    test(
      'whose work ends with the loss of its lease has not failed',
      withLog(async ({ log, topic, group }) => {
        const started: Lease[] = []
        const membership = await log.join({
          group,
          topics: [topic],
          work: async (lease) => {
            started.push(lease)
            for (;;) await lease.fetch(0, { ...PLENTY, waitMs: 60_000 })
          },
        })
        let failure: unknown
        membership.failed.catch((error: unknown) => {
          failure = error
        })
        await eventually(() => expect(started.length).toBeGreaterThanOrEqual(PARTITIONS))
        await membership[Symbol.asyncDispose]()
        expect(failure).toBeUndefined()
      }),
    )

    test(
      'whose work returns early holds nothing any more, and is not called again and again',
      withLog(async ({ log, topic, group }) => {
        const leases: Lease[] = []
        await using membership = await log.join({
          group,
          topics: [topic],
          work: async (lease) => {
            leases.push(lease)
          },
        })
        await eventually(() => expect(partitionsOf(leases)).toEqual(ALL))
        await eventually(() => expect(leases.every(({ signal }) => signal.aborted)).toBe(true))
        for (const lease of leases) await expect(lease.commit(0, '')).rejects.toMatchObject(LOST)
        await log.append(numbered(topic, 'r', 1))
        expect(leases).toHaveLength(PARTITIONS)
        await expect(Promise.race([membership.failed, log.ping()])).resolves.toBeUndefined()
      }),
    )

    test(
      'leaves when the log is closed',
      withLog(async ({ log, topic, group }) => {
        const holder = await Holder.join(log, { group, topics: [topic] })
        const lease = await holder.lease(0)
        await log[Symbol.asyncDispose]()
        expect(lease.signal.reason).toMatchObject(LOST)
        await holder[Symbol.asyncDispose]()
      }),
    )
  })
}
