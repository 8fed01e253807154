import { EngineError, refused } from '../errors.ts'
import type { TopicSpec } from './port.ts'

/** As in Kafka, whose brokers refuse more by default (offset.metadata.max.bytes). */
const METADATA_BYTES_MAX = 4096

export function unknownTopic(name: string): EngineError {
  return new EngineError('UNKNOWN_TOPIC', `the log has no topic ${name}; create it first`)
}

/** The topic is there with another number of partitions than `spec` wants. */
export function otherPartitions({ name, partitions }: TopicSpec, there: number): EngineError {
  return refused(
    `topic ${name} has ${there} partitions, not ${partitions}; keep that number, or use a new topic`,
  )
}

/** @throws EngineError ENGINE_REFUSED when the metadata of a commit is too large */
export function checkMetadata(metadata: string): void {
  if (Buffer.byteLength(metadata) <= METADATA_BYTES_MAX) return
  throw refused(`commit metadata takes at most ${METADATA_BYTES_MAX} bytes; write less`)
}
