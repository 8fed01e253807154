import { InTurn } from '#engines/in-turn.ts'
import { otherPartitions, unknownTopic } from '../log-errors.ts'
import { partitionOf } from '../murmur2.ts'
import type { NewRecord, TopicSpec } from '../port.ts'
import { PartitionLog } from './partition-log.ts'
import type { Reader, StoredTopic } from './reader.ts'
import type { Writer } from './writer.ts'

interface Bounds {
  readonly first: number
  readonly end: number
}

interface OpenTopic {
  readonly partitions: readonly PartitionLog[]
  /** Round robin over the partitions, for records without a key. */
  next: number
}

/** The topics of the log and their partitions. */
export class Topics {
  readonly #writer: Writer
  readonly #topics = new Map<string, OpenTopic>()
  #newestId = 0
  readonly #creations = new InTurn()

  constructor(reader: Reader, writer: Writer) {
    this.#writer = writer
    for (const topic of reader.topics()) {
      this.#open(topic, (partition) => reader.bounds(topic.id, partition))
    }
  }

  /** The partitions of a topic, in order. @throws EngineError UNKNOWN_TOPIC */
  partitions(topic: string): readonly PartitionLog[] {
    return this.#find(topic).partitions
  }

  /** The partition that a record belongs to. @throws EngineError UNKNOWN_TOPIC */
  route({ topic: name, key }: NewRecord): PartitionLog {
    const topic = this.#find(name)
    const { partitions } = topic
    const number =
      key === null
        ? topic.next++ % partitions.length
        : partitionOf(Buffer.from(key), partitions.length)
    return partitions[number] as PartitionLog
  }

  /** Creates those that do not exist, for one caller at a time. @throws EngineError ENGINE_REFUSED for another partition count */
  create(specs: readonly TopicSpec[]): Promise<void> {
    return this.#creations.run(async () => {
      for (const spec of specs) await this.#create(spec)
    })
  }

  async #create(spec: TopicSpec): Promise<void> {
    const there = this.#topics.get(spec.name)
    if (there === undefined) {
      const id = this.#newestId + 1
      // Field by field: the caller's object may hold what cannot be sent to a thread.
      const { name, partitions, compacted, retentionMs } = spec
      const topic = {
        id,
        name,
        partitions,
        compacted,
        ...(retentionMs !== undefined && { retentionMs }),
      }
      await this.#writer.change({ kind: 'topic', ...topic })
      this.#open(topic, () => ({ first: 0, end: 0 }))
    } else if (there.partitions.length !== spec.partitions) {
      throw otherPartitions(spec, there.partitions.length)
    }
  }

  #open({ id, name, partitions }: StoredTopic, bounds: (partition: number) => Bounds): void {
    this.#newestId = Math.max(this.#newestId, id)
    const logs = Array.from(
      { length: partitions },
      (_, partition) =>
        new PartitionLog({ topic: name, topicId: id, partition, ...bounds(partition) }),
    )
    this.#topics.set(name, { partitions: logs, next: 0 })
  }

  #find(name: string): OpenTopic {
    const topic = this.#topics.get(name)
    if (topic !== undefined) return topic
    throw unknownTopic(name)
  }
}
