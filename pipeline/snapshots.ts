import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '#engines/replace-file.ts'
import type { PartitionSnapshot } from './partition-state.ts'
import { readSnapshotBytes, snapshotBytes } from './snapshot-bytes.ts'

/** Names one snapshot: one state of one partition of one group. */
export interface SnapshotKey {
  readonly group: string
  /** Of the topology, and of the records that the state was built from: a state of another version is not used. */
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

/** One file a partition, `<folder>/<group>/<topic>-<partition>.snapshot`. */
export class FolderSnapshots implements SnapshotStore {
  readonly #folder: string
  readonly #onDamage: (file: string) => void

  constructor(folder: string, onDamage: (file: string) => void) {
    this.#folder = folder
    this.#onDamage = onDamage
  }

  async save(key: SnapshotKey, snapshot: PartitionSnapshot): Promise<void> {
    const bytes = snapshotBytes(key.version, snapshot)
    const file = this.#fileOf(key)
    await mkdir(dirname(file), { recursive: true })
    await replaceFile(file, bytes)
  }

  async load(key: SnapshotKey): Promise<PartitionSnapshot | undefined> {
    const file = this.#fileOf(key)
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (bytes === undefined) return undefined
    const read = readSnapshotBytes(bytes, key.version)
    if (read === 'damaged') this.#onDamage(file)
    return typeof read === 'string' ? undefined : read
  }

  #fileOf({ group, topic, partition }: SnapshotKey): string {
    return join(this.#folder, group, `${topic}-${partition}.snapshot`)
  }
}
