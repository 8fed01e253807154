import { loadMigrations } from '#engines/tables/migrations.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { deadLetterTopic, TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { ITEM_INDEXES, ITEMS_TEXT, itemsCollection, TEXT_VECTOR } from '#schemas/vectors.ts'
import type { Engines } from './engines/engines.ts'

const MIGRATIONS = new URL('../schemas/tables/', import.meta.url)

/** Makes what is missing in the engines: topics, schemas, tables, collections. Changes nothing that is there. */
export async function prepareEngines({
  log,
  tables,
  vectors,
  registry,
  model,
}: Engines): Promise<EventCodec> {
  const collection = itemsCollection(model.space)
  const [codec] = await Promise.all([
    EventCodec.open(registry),
    log.createTopics(
      TOPIC_NAMES.flatMap((name) => [
        { name, partitions: TOPICS[name].partitions, compacted: TOPICS[name].compacted },
        { name: deadLetterTopic(name), partitions: 1, compacted: false },
      ]),
    ),
    loadMigrations(MIGRATIONS).then((migrations) => tables.migrate(migrations)),
    vectors
      .createCollection(collection, {
        vectors: { [TEXT_VECTOR]: { size: model.dimensions, distance: 'Cosine' } },
        indexes: ITEM_INDEXES,
      })
      .then(() => vectors.setAlias(ITEMS_TEXT, collection)),
  ])
  return codec
}
