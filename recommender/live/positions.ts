import type { Log } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import { topicOf } from '#schemas/events.ts'
import type { TopicName } from '#schemas/topics.ts'
import { LEARNED_TYPES } from '../interactions.ts'

/** The topics that the recommender learns from. */
export const LEARNED_TOPICS: readonly TopicName[] = [
  ...new Set(Object.values(LEARNED_TYPES).flat().map(topicOf)),
]

/** For each partition the offset of the next record to learn. */
export class Positions {
  readonly #next = new Map<string, number>()

  get(topic: string, partition: number): number | undefined {
    return this.#next.get(`${topic}/${partition}`)
  }

  set(topic: string, partition: number, offset: number): void {
    this.#next.set(`${topic}/${partition}`, offset)
  }
}

/** A consumer group that fills tables from these topics. */
export interface TableGroup {
  readonly group: string
  readonly topics: readonly string[]
}

/**
 * Where the log has to be read on after the tables have been: everything below is in them. The newest offset stored does
 * not prove that all before it are (a batch may have been cut short by a crash), so what the groups that fill the tables
 * committed counts too, and the lowest wins: learning twice changes nothing, missing would.
 */
export async function positionsAfterTables(
  tables: Tables,
  log: Log,
  groups: readonly TableGroup[],
): Promise<Positions> {
  const positions = new Positions()
  const commits = await Promise.all(groups.map(({ group, topics }) => log.committed(group, topics)))
  const stored = await tables.query<{ topic: string; partition: number; next: number }>(
    `SELECT _topic AS topic, _partition AS partition, toFloat64(max(_offset) + 1) AS next
     FROM events GROUP BY topic, partition`,
  )
  for (const { topic, partition, next } of stored) {
    const offsets = groups.flatMap(({ topics }, index) => {
      if (!topics.includes(topic)) return []
      const of = commits[index]?.find(
        (each) => each.topic === topic && each.partition === partition,
      )
      return of?.offset ?? 0
    })
    positions.set(topic, partition, Math.min(next, ...offsets))
  }
  return positions
}
