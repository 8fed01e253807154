import type { Apis } from './protocol.ts'

/** The parts of kafkajs' own encoder that it writes to the socket. */
interface Encoded {
  readonly buf: Buffer
  readonly buffer: Buffer
}

/** A Produce Request, version 7 (Kafka protocol guide, "Produce API"), of batches that are already encoded. */
export function encodeProduceRequest(fields: Apis['Produce']['request']): Encoded {
  const parts: Buffer[] = [int16(-1), int16(fields.acks), int32(fields.timeout)]
  parts.push(int32(fields.topicData.length))
  for (const { topic, partitions } of fields.topicData) {
    const name = Buffer.from(topic)
    parts.push(int16(name.length), name, int32(partitions.length))
    for (const { partition, batch } of partitions)
      parts.push(int32(partition), int32(batch.length), batch)
  }
  const buffer = Buffer.concat(parts)
  return { buf: buffer, buffer }
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}
