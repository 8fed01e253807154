import { describe, expect, test } from 'vitest'
import { type LogAdapter, numbered, PARTITIONS, type WithLog } from './contract.fixture.ts'
import { readAll, textOf } from './contract-reading.ts'
import { partitionOf } from './murmur2.ts'
import type { NewRecord } from './port.ts'

export function appendContract(adapter: LogAdapter, withLog: WithLog): void {
  describe('appending', () => {
    test(
      'positions come in the order given: one partition for a key, by murmur2, offsets without gaps',
      withLog(async ({ log, topic }) => {
        const keys = ['a', 'b', 'ключ', 'user-42', '鍵🔑', 'a', 'b', 'a']
        const records = keys.map((key) => ({ topic, key, value: Buffer.from(key) }))
        const positions = await log.append(records)
        const next = new Map<number, number>()
        for (const [i, key] of keys.entries()) {
          const partition = partitionOf(Buffer.from(key), PARTITIONS)
          const offset = next.get(partition) ?? 0
          expect(positions[i]).toEqual({ topic, partition, offset })
          next.set(partition, offset + 1)
        }
      }),
    )

    test(
      'records without a key are spread over the partitions',
      withLog(async ({ log, topic }) => {
        const positions = []
        for (let i = 0; i < 60; i++)
          positions.push(...(await log.append([{ topic, key: null, value: Buffer.from('x') }])))
        expect(new Set(positions.map(({ partition }) => partition)).size).toBe(PARTITIONS)
      }),
    )

    test(
      'a record is read back as it was appended',
      withLog(async ({ log, topic }) => {
        const before = Date.now()
        const records: NewRecord[] = [
          { topic, key: 'plain', value: Buffer.from([0, 1, 254, 255]) },
          { topic, key: 'null', value: null },
          { topic, key: 'empty', value: new Uint8Array() },
          { topic, key: null, value: Buffer.from('no key') },
          { topic, key: 'clé 🔑', value: Buffer.from('non-ASCII key') },
          { topic, key: 'large', value: Buffer.alloc(500_000, 'large') },
          {
            topic,
            key: 'headers',
            value: Buffer.from('with headers'),
            headers: { traceparent: '00-ab-cd-01', empty: '', näme: 'wért 🎫' },
          },
        ]
        const positions = await log.append(records)
        const stored = await readAll(log, topic)
        for (const [i, { key, value, headers }] of records.entries()) {
          const { partition = -1, offset = -1 } = positions[i] ?? {}
          const record = stored.get(partition)?.[offset]
          expect(record).toMatchObject({ offset, key, headers: headers ?? {} })
          expect(record?.value === null ? null : Buffer.from(record?.value ?? [])).toEqual(
            value === null ? null : Buffer.from(value),
          )
          expect(Object.keys(record?.headers ?? {})).toEqual(Object.keys(headers ?? {}))
          expect(record?.timestamp).toBeGreaterThanOrEqual(before - 1_000)
          expect(record?.timestamp).toBeLessThanOrEqual(Date.now() + 1_000)
        }
      }),
    )

    test(
      'appends at the same time each keep their order and get offsets of their own',
      withLog(async ({ log, topic }) => {
        const appends = Array.from({ length: 20 }, (_, a) => numbered(topic, `append${a}`, 50))
        const positions = await Promise.all(appends.map((records) => log.append(records)))
        const offsets = positions.flat().map(({ offset }) => offset)
        expect(offsets.toSorted((a, b) => a - b)).toEqual(offsets.map((_, i) => i))

        const stored = (await readAll(log, topic)).get(positions[0]?.[0]?.partition ?? -1) ?? []
        for (const [a, records] of appends.entries()) {
          const mine = stored.map(textOf).filter((text) => text.startsWith(`append${a}-`))
          expect(mine).toEqual(records.map((_, i) => `append${a}-${i}`))
        }
      }),
    )

    test(
      'appending nothing resolves with no positions',
      withLog(async ({ log }) => {
        expect(await log.append([])).toEqual([])
      }),
    )

    test(
      'what was acknowledged is there after the log was closed and opened again',
      withLog(async ({ log, topic, reopen }) => {
        await log.append([...numbered(topic, 'a', 100, 'a'), ...numbered(topic, 'b', 100, 'b')])
        const before = await readAll(log, topic)
        const bounds = await log.bounds([topic])
        const reopened = await reopen()
        expect(await reopened.bounds([topic])).toEqual(bounds)
        expect(await readAll(reopened, topic)).toEqual(before)
        const [position] = await reopened.append(numbered(topic, 'c', 1, 'a'))
        expect(position?.offset).toBe(
          bounds.find(({ partition }) => partition === position?.partition)?.end,
        )
      }),
    )

    test(
      'an append with an aborted signal rejects with its reason and writes nothing',
      withLog(async ({ log, topic }) => {
        const reason = new Error('enough')
        await expect(
          log.append(numbered(topic, 'never', 3), AbortSignal.abort(reason)),
        ).rejects.toBe(reason)
        await log.append(numbered(topic, 'then', 1))
        expect([...(await readAll(log, topic)).values()].flat().map(textOf)).toEqual(['then-0'])
      }),
    )

    test.skipIf(adapter.openWithSmallQueue === undefined)(
      'a full queue refuses, says which limit it is, and takes records again when it has emptied',
      async () => {
        const open = adapter.openWithSmallQueue ?? adapter.open
        await using log = await open(await adapter.newHome())
        const topic = `contract-${Date.now()}`
        await log.createTopics([{ name: topic, partitions: 1, compacted: false }])
        const record = { topic, key: 'k', value: Buffer.alloc(10_000) }
        const results = await Promise.allSettled(
          Array.from({ length: 20 }, () => log.append([record])),
        )
        const refused = results.filter((result) => result.status === 'rejected')
        expect(refused.length).toBeGreaterThan(0)
        expect(refused.length).toBeLessThan(20)
        for (const { reason } of refused) {
          expect(reason).toMatchObject({ code: 'ENGINE_OVERLOADED', retriable: true })
          expect(String(reason)).toMatch(/queueBytesMax/)
        }
        await expect(log.append([record])).resolves.toHaveLength(1)
        const [bounds] = await log.bounds([topic])
        expect(bounds?.end).toBe(20 - refused.length + 1)
      },
    )
  })

  describe('topics', () => {
    test(
      'a topic may be created again, also at the same time, and keeps its records',
      withLog(async ({ log, topic }) => {
        await log.append(numbered(topic, 'kept', 1))
        const spec = { name: topic, partitions: PARTITIONS, compacted: false }
        const other = { name: `${topic}-other`, partitions: 1, compacted: true, retentionMs: 1e9 }
        await Promise.all([log.createTopics([spec, other]), log.createTopics([other, spec])])
        const bounds = await log.bounds([topic, other.name])
        expect(bounds).toHaveLength(PARTITIONS + 1)
        expect(bounds.reduce((sum, { end }) => sum + end, 0)).toBe(1)
      }),
    )

    test(
      'a specification may come with more than the log asks for',
      withLog(async ({ log, topic }) => {
        const name = `${topic}-more`
        const more = { name, partitions: 1, compacted: false, mine: () => 'no message to a thread' }
        await log.createTopics([more])
        expect(await log.bounds([name])).toHaveLength(1)
      }),
    )

    test(
      'a topic that is there with another number of partitions is refused',
      withLog(async ({ log, topic }) => {
        const creating = log.createTopics([
          { name: topic, partitions: PARTITIONS + 1, compacted: false },
        ])
        await expect(creating).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
        await expect(creating).rejects.toThrow(topic)
      }),
    )

    test(
      'a topic that does not exist is an error with its name',
      withLog(async ({ log }) => {
        const topic = 'contract-no-such-topic'
        const calls = [
          () => log.append(numbered(topic, 'x', 1)),
          () => log.bounds([topic]),
          () => log.join({ group: null, topics: [topic], work: async () => {} }),
        ]
        for (const call of calls) {
          await expect(call()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' })
          await expect(call()).rejects.toThrow(topic)
        }
      }),
    )

    test(
      'bounds tell the offset of the next record',
      withLog(async ({ log, topic }) => {
        const empty = await log.bounds([topic])
        expect(empty).toEqual(
          Array.from({ length: PARTITIONS }, (_, partition) => ({
            topic,
            partition,
            first: 0,
            end: 0,
          })),
        )
        const [position] = await log.append(numbered(topic, 'x', 7))
        const bounds = await log.bounds([topic])
        expect(bounds.find((b) => b.partition === position?.partition)?.end).toBe(7)
      }),
    )
  })

  describe('closing', () => {
    test(
      'appends under way are finished: those that resolved are kept',
      withLog(async ({ log, topic, reopen }) => {
        const appends = Array.from({ length: 10 }, (_, a) =>
          log.append(numbered(topic, `append${a}`, 100)),
        )
        const reopened = await reopen()
        const resolved = (await Promise.allSettled(appends)).flatMap((result, a) =>
          result.status === 'fulfilled' ? [a] : [],
        )
        const texts = new Set([...(await readAll(reopened, topic)).values()].flat().map(textOf))
        for (const a of resolved) {
          for (let i = 0; i < 100; i++) expect(texts).toContain(`append${a}-${i}`)
        }
      }),
    )

    test(
      'a closed log refuses everything, and may be closed again',
      withLog(async ({ log, topic }) => {
        await expect(log.ping()).resolves.toBeUndefined()
        await log[Symbol.asyncDispose]()
        await log[Symbol.asyncDispose]()
        const closed = { code: 'ENGINE_CLOSED', retriable: false }
        await expect(log.ping()).rejects.toMatchObject(closed)
        await expect(log.append(numbered(topic, 'x', 1))).rejects.toMatchObject(closed)
        await expect(log.bounds([topic])).rejects.toMatchObject(closed)
        const joining = log.join({ group: null, topics: [topic], work: async () => {} })
        await expect(joining).rejects.toMatchObject(closed)
      }),
    )
  })
}
