import { randomUUID } from 'node:crypto'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { numbered } from '#engines/log/contract.fixture.ts'
import { Holder, PLENTY, readTo, textOf } from '#engines/log/contract-reading.ts'
import { openKafkaLog } from '#engines/log/kafka/kafka-log.ts'
import { withServer } from '../with-server.ts'

withServer('kafka', (url) => {
  const brokers = [url.replace('kafka://', '').split('?')[0] ?? '']
  const others = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const newTopic = () => ({ name: `records-${randomUUID()}`, partitions: 1, compacted: false })
  const open = () => openKafkaLog({ url, clock: systemClock })

  test('transactions of others leave gaps, and what they aborted is not read', async () => {
    const { name: topic, ...spec } = newTopic()
    await using log = await open()
    await log.createTopics([{ name: topic, ...spec }])
    const producer = others.producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    for (const [value, end] of [
      ['one', 'commit'],
      ['two', 'abort'],
      ['three', 'commit'],
    ] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }, { value: `${value}+` }] })
      await transaction[end]()
    }
    await producer.disconnect()
    // The broker writes the marker of a transaction after it has answered.
    await expect
      .poll(() => log.bounds([topic]), { timeout: 60_000 })
      .toMatchObject([{ first: 0, end: 9 }])
    await using holder = await Holder.join(log, { group: null, topics: [topic] })
    const lease = await holder.lease(0)
    const records = [...(await lease.fetch(0, PLENTY))]
    while (records.length < 4)
      records.push(...(await lease.fetch((records.at(-1)?.offset ?? 0) + 1, PLENTY)))
    expect(records.map(textOf)).toEqual(['one', 'one+', 'three', 'three+'])
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 6, 7])
    expect(await lease.fetch(3, { ...PLENTY, maxRecords: 1 })).toMatchObject([{ offset: 6 }])
    expect(await lease.fetch(8, { ...PLENTY, waitMs: 300 })).toEqual([])
  }, 60_000)

  test('what others compressed with gzip is read', async () => {
    const { name: topic, ...spec } = newTopic()
    await using log = await open()
    await log.createTopics([{ name: topic, ...spec }])
    const producer = others.producer()
    await producer.connect()
    const messages = Array.from({ length: 100 }, (_, i) => ({
      key: `k${i}`,
      value: `v${i}`,
      headers: { h: `${i}` },
    }))
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages })
    await producer.disconnect()
    await using holder = await Holder.join(log, { group: null, topics: [topic] })
    const records = await readTo(await holder.lease(0), 0, 100)
    expect(
      records.map(({ key, value, headers }) => ({ key, value: value?.toString(), headers })),
    ).toEqual(messages)
  }, 60_000)

  test('what was deleted is out of range, also for a reader in the middle of it, and the bounds say so', async () => {
    const { name: topic, ...spec } = newTopic()
    await using log = await open()
    await log.createTopics([{ name: topic, ...spec }])
    await log.append(numbered(topic, 'r', 10))
    await using holder = await Holder.join(log, { group: null, topics: [topic] })
    const lease = await holder.lease(0)
    expect(await lease.fetch(0, { ...PLENTY, maxRecords: 1 })).toHaveLength(1)
    const admin = others.admin()
    await admin.connect()
    // Without asking for something before, kafkajs does not know who leads the partition.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] })
    await admin.disconnect()
    expect(await log.bounds([topic])).toEqual([{ topic, partition: 0, first: 7, end: 10 }])
    await expect(lease.fetch(0, PLENTY)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    expect((await lease.fetch(7, PLENTY)).map(textOf)).toEqual(['r-7', 'r-8', 'r-9'])
  }, 60_000)

  test('a topic gets the settings that its specification and the exactly-once protocol need', async () => {
    const { name } = newTopic()
    await using log = await open()
    await log.createTopics([
      { name: `${name}-compacted`, partitions: 2, compacted: true },
      { name: `${name}-deleted`, partitions: 2, compacted: false, retentionMs: 86_400_000 },
    ])
    const admin = others.admin()
    await admin.connect()
    const settingsOf = async (topic: string) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic }],
      })
      return Object.fromEntries(
        resources[0]?.configEntries.map(({ configName, configValue }) => [
          configName,
          configValue,
        ]) ?? [],
      )
    }
    expect(await settingsOf(`${name}-compacted`)).toMatchObject({
      'cleanup.policy': 'compact',
      'min.compaction.lag.ms': '86400000',
      'message.timestamp.type': 'LogAppendTime',
    })
    expect(await settingsOf(`${name}-deleted`)).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '86400000',
    })
    await admin.disconnect()
  }, 60_000)

  test('a record that is too large is refused with the limit and what to do, and the others go on', async () => {
    const { name: topic, ...spec } = newTopic()
    await using log = await open()
    await log.createTopics([{ name: topic, ...spec }])
    const large = log.append([{ topic, key: 'k', value: Buffer.alloc(1_000_001) }])
    await expect(large).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
    await expect(large).rejects.toThrow(/recordBytesMax = 1000000; make it smaller/)
    const values = Array.from({ length: 40 }, () => ({
      topic,
      key: 'k',
      value: Buffer.alloc(100_000),
    }))
    const positions = await log.append([
      ...values,
      { topic, key: 'k', value: Buffer.alloc(990_000) },
    ])
    expect(positions.map(({ offset }) => offset)).toEqual(positions.map((_, i) => i))
  }, 60_000)
})

test('a cluster that is not there is unavailable, and the log opens and closes all the same', async () => {
  await using log = await openKafkaLog({ url: 'kafka://127.0.0.1:1', clock: systemClock })
  const unavailable = { code: 'ENGINE_UNAVAILABLE', retriable: true }
  await expect(log.ping()).rejects.toMatchObject(unavailable)
  await expect(log.ping()).rejects.toThrow('127.0.0.1:1')
  await expect(log.bounds(['t'])).rejects.toMatchObject(unavailable)
  await expect(log.append([{ topic: 't', key: null, value: null }])).rejects.toMatchObject(
    unavailable,
  )
  await expect(log.join({ group: 'g', topics: ['t'], work: async () => {} })).rejects.toMatchObject(
    unavailable,
  )
}, 60_000)
