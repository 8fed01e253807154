import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { PartitionSnapshot } from './partition-state.ts'

/** Names one snapshot: one state of one partition of one group. */
export interface SnapshotKey {
  readonly group: string
  /** Of the topology: another version cannot read it. */
  readonly version: string
  readonly topic: string
  readonly partition: number
}

/** Keeps the newest snapshot of each partition. Losing one costs time, never correctness. */
export interface SnapshotStore {
  /** Durable when it resolves. Takes the state as it is now: it may change once the call has returned. */
  save(key: SnapshotKey, snapshot: PartitionSnapshot): Promise<void>
  /** Undefined when there is none, or none that can be trusted. */
  load(key: SnapshotKey): Promise<PartitionSnapshot | undefined>
}

const CRC_BYTES = 4

/** One file a partition, `<folder>/<group>/<topic>-<partition>.snapshot`: a CRC-32, then the state by v8.serialize. */
export class FolderSnapshots implements SnapshotStore {
  readonly #folder: string
  readonly #onDamage: (file: string) => void

  constructor(folder: string, onDamage: (file: string) => void) {
    this.#folder = folder
    this.#onDamage = onDamage
  }

  async save(key: SnapshotKey, snapshot: PartitionSnapshot): Promise<void> {
    const state = serialize({ version: key.version, snapshot })
    const crc = Buffer.alloc(CRC_BYTES)
    crc.writeUInt32BE(crc32(state))
    const file = this.#fileOf(key)
    await mkdir(dirname(file), { recursive: true })
    {
      await using handle = await open(`${file}.new`, 'w')
      await handle.writev([crc, state])
      await handle.sync()
    }
    await rename(`${file}.new`, file)
  }

  async load(key: SnapshotKey): Promise<PartitionSnapshot | undefined> {
    const file = this.#fileOf(key)
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (bytes === undefined) return undefined
    const state = bytes.subarray(CRC_BYTES)
    if (bytes.length <= CRC_BYTES || bytes.readUInt32BE() !== crc32(state)) {
      this.#onDamage(file)
      return undefined
    }
    const { version, snapshot } = deserialize(state) as {
      version: string
      snapshot: PartitionSnapshot
    }
    return version === key.version ? snapshot : undefined
  }

  #fileOf({ group, topic, partition }: SnapshotKey): string {
    return join(this.#folder, group, `${topic}-${partition}.snapshot`)
  }
}
