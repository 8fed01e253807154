import { EngineError, type EngineErrorCode } from '#engines/errors.ts'
import type { TopicSpec } from '#engines/log/port.ts'
import { loadMigrations, pendingMigrations } from '#engines/tables/migrations.ts'
import { openItems } from '#items/collections.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { OUTBOX_TOPICS } from '#schemas/outbox-topics.ts'
import { deadLetterTopic, TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { ITEMS_TEXT } from '#schemas/vectors.ts'
import { type Config, ConfigError } from './config.ts'
import type { Engines } from './engines/engines.ts'
import { isThroughDebezium } from './roles/read-outbox.ts'

const MIGRATIONS = new URL('../schemas/tables/', import.meta.url)

const PREPARE_HINT = 'run `freshet init` with the same settings'

export const PREPARED_ENGINES = ['log', 'tables', 'vectors', 'registry', 'model'] as const
type PreparedEngine = (typeof PREPARED_ENGINES)[number]

/** Makes what is missing in the engines: topics, schemas, tables, collections. Changes nothing that is there. */
export async function prepareEngines(
  { log, tables, vectors, registry, model }: Engines<PreparedEngine>,
  config: Pick<Config, 'topics' | 'outbox'>,
): Promise<EventCodec> {
  const [codec] = await Promise.all([
    EventCodec.open(registry),
    log.createTopics(topicSpecs(config)),
    loadMigrations(MIGRATIONS).then((migrations) => tables.migrate(migrations)),
    openItems(vectors, model),
  ])
  return codec
}

/** Each topic and its dead-letter topic. Compacted topics keep their records; those of the others expire, and the tables keep them. */
function topicSpecs({ topics, outbox }: Pick<Config, 'topics' | 'outbox'>): readonly TopicSpec[] {
  const { activityPartitions, retentionMs } = topics
  const scale = activityPartitions / TOPICS['commerce.activity'].partitions
  const events = TOPIC_NAMES.map((name): TopicSpec => {
    const { compacted, partitions } = TOPICS[name]
    const kept = compacted ? {} : { retentionMs }
    return { name, partitions: Math.max(1, Math.round(partitions * scale)), compacted, ...kept }
  })
  const routed = isThroughDebezium({ outbox })
    ? OUTBOX_TOPICS.map((name) => ({ name, partitions: 1, compacted: false, retentionMs }))
    : []
  const deadLetters = [...events, ...routed].map(({ name }) => {
    return { name: deadLetterTopic(name), partitions: 1, compacted: false, retentionMs }
  })
  return [...events, ...routed, ...deadLetters]
}

/** Checks that `prepareEngines` has been run, as far as these engines show. @throws ConfigError that names what is missing */
export async function assertPrepared({ log, tables, vectors }: Partial<Engines>): Promise<void> {
  const assertThere = async (call: Promise<unknown> | undefined, code: EngineErrorCode) => {
    try {
      await call
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== code) throw error
      throw new ConfigError(`${error.message}; ${PREPARE_HINT}`)
    }
  }
  await assertThere(log?.bounds(TOPIC_NAMES), 'UNKNOWN_TOPIC')
  await assertThere(vectors?.count(ITEMS_TEXT), 'UNKNOWN_COLLECTION')
  if (tables === undefined) return
  const pending = await pendingMigrations(tables, await loadMigrations(MIGRATIONS))
  if (pending.length > 0) {
    throw new ConfigError(
      `the tables lack ${pending.map(({ name }) => name).join(', ')}; ${PREPARE_HINT}`,
    )
  }
}
