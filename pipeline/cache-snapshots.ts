import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import type { Logger } from 'pino'
import type { Cache } from '#engines/cache/port.ts'
import type { PartitionSnapshot } from './partition-state.ts'
import { readSnapshotBytes, snapshotBytes } from './snapshot-bytes.ts'
import type { SnapshotKey, SnapshotStore } from './snapshots.ts'

/** A partition that nobody has processed for longer is built again from the log. */
export const SNAPSHOT_TTL_MS = 24 * 60 * 60_000
/** Of one snapshot in the cache, compressed and in base64. */
export const CACHE_SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024

const REBUILT = 'the state is built again from the log'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
/** Most of a state is hashes, which do not compress: the fastest level does as well as any. */
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

interface CacheSnapshotsOptions {
  readonly cache: Cache
  readonly logger: Logger
  readonly bytesMax?: number
}

/**
 * Keeps snapshots in the cache, for processors that share no folder: a partition's next owner is another machine. A
 * snapshot that the cache loses, refuses or damages is built again from the log; none of these is an error here.
 */
export class CacheSnapshots implements SnapshotStore {
  readonly #cache: Cache
  readonly #logger: Logger
  readonly #bytesMax: number
  readonly #warned = new Set<string>()

  constructor({ cache, logger, bytesMax = CACHE_SNAPSHOT_BYTES_MAX }: CacheSnapshotsOptions) {
    this.#cache = cache
    this.#logger = logger
    this.#bytesMax = bytesMax
  }

  /** In the cache when it resolves, or the log says why not. */
  async save(key: SnapshotKey, snapshot: PartitionSnapshot): Promise<void> {
    const bytes = snapshotBytes(key.version, snapshot)
    const name = nameOf(key)
    try {
      const value = (await compress(bytes, FASTEST)).toString('base64')
      if (value.length > this.#bytesMax) {
        const size = { snapshot: name, bytes: value.length, bytesMax: this.#bytesMax }
        this.#warnOnce(
          'large',
          size,
          'snapshot is too large for the cache: a take-over will take longer',
        )
        return
      }
      await this.#cache.set(name, value, SNAPSHOT_TTL_MS)
      this.#warned.delete('away')
    } catch (error) {
      this.#warnOnce('away', { snapshot: name, err: error }, 'the cache keeps no snapshots now')
    }
  }

  async load(key: SnapshotKey): Promise<PartitionSnapshot | undefined> {
    const name = nameOf(key)
    try {
      const value = await this.#cache.get(name)
      if (value === undefined) return undefined
      const bytes = await decompress(Buffer.from(value, 'base64'))
      const read = readSnapshotBytes(bytes, key.version)
      if (typeof read !== 'string') return read
      if (read === 'damaged')
        this.#logger.warn({ snapshot: name }, `snapshot is damaged; ${REBUILT}`)
    } catch (error) {
      this.#logger.warn({ snapshot: name, err: error }, `snapshot cannot be read; ${REBUILT}`)
    }
    return undefined
  }

  /** Each partition makes a snapshot every half minute: a lasting failure is logged once. */
  #warnOnce(problem: string, details: object, message: string): void {
    if (this.#warned.has(problem)) return
    this.#warned.add(problem)
    this.#logger.warn(details, message)
  }
}

function nameOf({ group, topic, partition }: SnapshotKey): string {
  return `snapshot/${group}/${topic}/${partition}`
}
