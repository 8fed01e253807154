import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommerceEvent, EVENT_TYPES } from '#schemas/events.ts'
import { EXAMPLE_VALUES } from '#schemas/example-values.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { ConfigError, loadConfig } from './config.ts'
import type { Engines } from './engines/engines.ts'
import { openEngines } from './engines/open-engines.ts'
import { assertPrepared, PREPARED_ENGINES, prepareEngines } from './prepare-engines.ts'

const logger = pino({ level: 'silent' })
const temporary = () => mkdtempDisposable(join(tmpdir(), 'freshet-prepare-'))

describe('empty engines', () => {
  let folder: Awaited<ReturnType<typeof temporary>>
  let engines: Engines<(typeof PREPARED_ENGINES)[number]>
  const settings = { LOG_PARTITIONS: '6', LOG_RETENTION_DAYS: '2' }

  beforeAll(async () => {
    folder = await temporary()
    engines = await openEngines(
      PREPARED_ENGINES,
      loadConfig({ data: folder.path }, settings),
      logger,
    )
  })
  afterAll(async () => {
    await engines[Symbol.asyncDispose]()
    await folder.remove()
  })
  const prepare = () => prepareEngines(engines, loadConfig({ data: folder.path }, settings))

  test('lack everything, each by its name and with the command that makes it', async () => {
    const { log, tables, vectors } = engines
    for (const part of [{ log }, { tables }, { vectors }]) {
      await expect(assertPrepared(part)).rejects.toThrow(ConfigError)
      await expect(assertPrepared(part)).rejects.toThrow(
        'run `freshet init` with the same settings',
      )
    }
    await expect(assertPrepared({ tables })).rejects.toThrow('001-raw-events')
  })

  test('have it all afterwards', async () => {
    const codec = await prepare()
    await assertPrepared(engines)
    // One partition count for all topics that are keyed alike, in proportion; each has a topic for what is set aside.
    const partitions = async (topic: string) => (await engines.log.bounds([topic])).length
    expect(await partitions('commerce.activity')).toBe(6)
    for (const topic of TOPIC_NAMES) {
      const share = TOPICS[topic].partitions / TOPICS['commerce.activity'].partitions
      expect(await partitions(topic)).toBe(Math.max(1, Math.round(6 * share)))
      expect(await partitions(`${topic}.dlq`)).toBe(1)
    }
    // The schemas are there: an event of every type can be written and read back.
    for (const type of EVENT_TYPES) {
      const event = { ...EXAMPLE_VALUES, type } as unknown as CommerceEvent
      const decoded = codec.decode(codec.encode(event))
      expect(decoded).toMatchObject({ kind: 'event', event: { type } })
    }
  })

  test('and stay as they are when that is done again', async () => {
    await engines.log.append([{ topic: 'commerce.users', key: 'ann', value: Buffer.from('kept') }])
    await prepare()
    const bounds = await engines.log.bounds(['commerce.users'])
    expect(bounds.reduce((sum, { end }) => sum + end, 0)).toBe(1)
  })
})

test('what Debezium routes gets topics too, when the outbox comes through it', async () => {
  await using folder = await temporary()
  const config = loadConfig({ data: folder.path }, { OUTBOX_URL: 'debezium:' })
  await using engines = await openEngines(PREPARED_ENGINES, config, logger)
  await prepareEngines(engines, config)
  const topics = ['outbox.event.order', 'outbox.event.product', 'outbox.event.user']
  const bounds = await engines.log.bounds(topics)
  expect(bounds.map(({ topic }) => topic).toSorted()).toEqual(topics.toSorted())
})
