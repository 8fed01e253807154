import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Clock } from '#engines/clock/port.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { numbered } from '#engines/log/contract.fixture.ts'
import { eventually, Holder, partitionsOf } from '#engines/log/contract-reading.ts'
import { openKafkaLog } from '#engines/log/kafka/kafka-log.ts'
import { withServer } from '../with-server.ts'

const LOST = { code: 'LEASE_LOST' }
const ALL = [0, 1, 2]

/** A clock that can stand still, as for a suspended process: sleeps then do not end. */
function stoppableClock(): Clock & { stop(): void; goOn(): void } {
  let going = Promise.withResolvers<void>()
  going.resolve()
  return {
    now: () => systemClock.now(),
    async sleep(ms, signal) {
      await systemClock.sleep(ms, signal)
      await going.promise
    },
    stop() {
      going = Promise.withResolvers<void>()
    },
    goOn() {
      going.resolve()
    },
  }
}

withServer('kafka', (url) => {
  const newNames = () => ({ topic: `group-${randomUUID()}`, group: `group-${randomUUID()}` })

  test('a member that stood still too long has lost its leases, though it does not know: its commits are refused', async () => {
    const { topic, group } = newNames()
    const clock = stoppableClock()
    await using log = await openKafkaLog({ url, clock })
    await using other = await openKafkaLog({ url, clock: systemClock })
    await log.createTopics([{ name: topic, partitions: ALL.length, compacted: false }])
    await log.append(numbered(topic, 'r', 3))
    await using zombie = await Holder.join(log, { group, topics: [topic] })
    const leases = await Promise.all(ALL.map((partition) => zombie.lease(partition)))
    await leases[0]?.commit(1, 'before')

    clock.stop()
    await using heir = await Holder.join(other, { group, topics: [topic] })
    await eventually(() => expect(partitionsOf(heir.held)).toEqual(ALL))
    const inherited = await heir.lease(0)
    expect(inherited.committed).toMatchObject({ offset: 1, metadata: 'before' })
    await inherited.commit(2, 'of the heir')

    expect(zombie.held).toHaveLength(ALL.length)
    await expect(leases[0]?.commit(3, 'of the zombie')).rejects.toMatchObject(LOST)
    expect(zombie.held).toEqual([])
    expect(await other.committed(group, [topic])).toMatchObject([{ metadata: 'of the heir' }])

    clock.goOn()
    await eventually(() => {
      expect(zombie.held.length).toBeGreaterThan(0)
      expect(partitionsOf([...zombie.held, ...heir.held])).toEqual(ALL)
    })
  }, 60_000)

  test('a partition whose old work does not return goes on after a while, and the old work is fenced', async () => {
    const { topic, group } = newNames()
    const timings = { heartbeatMs: 300, handOverMs: 1_000 }
    await using log = await openKafkaLog({ url, clock: systemClock, timings })
    await log.createTopics([{ name: topic, partitions: ALL.length, compacted: false }])
    const gate = Promise.withResolvers<void>()
    const stuck = await Holder.join(log, { group, topics: [topic] }, () => gate.promise)
    const leases = await Promise.all(ALL.map((partition) => stuck.lease(partition)))
    const next = await Holder.join(log, { group, topics: [topic] })
    await eventually(() => {
      expect(next.held.length).toBeGreaterThan(0)
      expect(partitionsOf([...stuck.held, ...next.held])).toEqual(ALL)
    })
    const lost = leases.filter(({ signal }) => signal.aborted)
    expect(partitionsOf(lost)).toEqual(partitionsOf(next.held))
    for (const lease of lost) await expect(lease.commit(0, '')).rejects.toMatchObject(LOST)
    gate.resolve()
    await Promise.all([stuck, next].map((holder) => holder[Symbol.asyncDispose]()))
  }, 60_000)

  test('a group that others use in another way is refused, and the membership is over', async () => {
    const { topic, group } = newNames()
    await using log = await openKafkaLog({ url, clock: systemClock })
    await log.createTopics([{ name: topic, partitions: 1, compacted: false }])
    const { Kafka, logLevel } = await import('kafkajs')
    const brokers = [url.replace('kafka://', '').split('?')[0] ?? '']
    const consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: group })
    await consumer.connect()
    await consumer.subscribe({ topic })
    const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve))
    await consumer.run({ eachMessage: async () => {} })
    await joined
    try {
      const joining = log.join({ group, topics: [topic], work: async () => {} })
      await expect(joining).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
    } finally {
      await consumer.disconnect()
    }
  }, 60_000)
})
