import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { PartitionSnapshot } from './partition-state.ts'

const CRC_BYTES = 4

/** A CRC-32, then the version of the topology and the state by v8.serialize: typed arrays, maps and all. */
export function snapshotBytes(version: string, snapshot: PartitionSnapshot): Buffer {
  const state = serialize({ version, snapshot })
  const crc = Buffer.alloc(CRC_BYTES)
  crc.writeUInt32BE(crc32(state))
  return Buffer.concat([crc, state])
}

/** The snapshot of exactly these bytes, or why it cannot be used. */
export function readSnapshotBytes(
  bytes: Buffer,
  version: string,
): PartitionSnapshot | 'damaged' | 'of another version' {
  const state = bytes.subarray(CRC_BYTES)
  if (bytes.length <= CRC_BYTES || bytes.readUInt32BE() !== crc32(state)) return 'damaged'
  try {
    const written = deserialize(state) as { version: string; snapshot: PartitionSnapshot }
    return written.version === version ? written.snapshot : 'of another version'
  } catch {
    // Whole, but not readable: a newer Node wrote it.
    return 'damaged'
  }
}
