import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import { closed } from '#engines/errors.ts'
import { orAborted } from '#engines/or-aborted.ts'
import type {
  Commit,
  JoinOptions,
  Log,
  Membership,
  NewRecord,
  PartitionBounds,
  Position,
  TopicSpec,
} from '../port.ts'
import { FolderLock } from './folder-lock.ts'
import { Group, type GroupParts } from './group.ts'
import { openLogFile } from './log-file.ts'
import { Reader } from './reader.ts'
import { Topics } from './topics.ts'
import { Writer } from './writer.ts'

const QUEUE_BYTES_MAX = 64 * 1024 * 1024

export interface EmbeddedLogOptions {
  /** Created if absent; one process at a time. */
  readonly folder: string
  readonly clock: Clock
  readonly logger?: Logger
  /** How many bytes of appended records may wait for the disk; default 64 MiB. */
  readonly queueBytesMax?: number
}

/**
 * Opens the durable log of a single process: one SQLite file, written by one thread, read by this one. Records are kept
 * forever, also in compacted topics: one machine's disk is large enough that deleting is not worth its code.
 * @throws EngineError DATA_FOLDER_IN_USE, ENGINE_CORRUPT, ENGINE_UNAVAILABLE (the folder cannot be written to)
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<Log> {
  const { folder, clock, logger, queueBytesMax = QUEUE_BYTES_MAX } = options
  await using opening = new AsyncDisposableStack()
  opening.use(new FolderLock(folder))
  const file = openLogFile(folder)
  const reader = opening.use(new Reader(file))
  const writer = opening.use(new Writer({ path: file.path, clock, queueBytesMax }))
  const topics = new Topics(reader, writer)
  return new EmbeddedLog({ topics, reader, writer, clock, logger, closing: opening.move() })
}

interface LogState extends GroupParts {
  readonly topics: Topics
  /** Closes the file when the log is disposed. */
  readonly closing: AsyncDisposableStack
}

class EmbeddedLog implements Log {
  readonly #state: LogState
  readonly #groups = new Map<string, Group>()
  readonly #memberships = new Set<Membership>()
  #closed: Promise<void> | undefined

  constructor(state: LogState) {
    this.#state = state
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen()
    await this.#state.topics.create(specs)
  }

  async append(records: readonly NewRecord[], signal?: AbortSignal): Promise<readonly Position[]> {
    this.#checkOpen()
    signal?.throwIfAborted()
    if (records.length === 0) return []
    const routed = records.map((record) => ({
      record,
      partition: this.#state.topics.route(record),
    }))
    const offsets = await orAborted(this.#state.writer.append(routed), signal)
    return routed.map(({ partition: { topic, partition } }, i) => ({
      topic,
      partition,
      offset: offsets[i] ?? 0,
    }))
  }

  async join(options: JoinOptions): Promise<Membership> {
    this.#checkOpen()
    const partitions = options.topics.flatMap((topic) => this.#state.topics.partitions(topic))
    const { failed, leave } = this.#group(options.group).join(partitions, options)
    const membership: Membership = {
      failed,
      [Symbol.asyncDispose]: async () => {
        await leave()
        this.#memberships.delete(membership)
      },
    }
    this.#memberships.add(membership)
    return membership
  }

  async bounds(topics: readonly string[]): Promise<readonly PartitionBounds[]> {
    this.#checkOpen()
    return topics
      .flatMap((topic) => this.#state.topics.partitions(topic))
      .map(({ topic, partition, first, end }) => ({ topic, partition, first, end }))
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly Commit[]> {
    this.#checkOpen()
    return topics
      .flatMap((topic) => this.#state.topics.partitions(topic))
      .flatMap((log) => {
        const stored = this.#state.reader.commit(group, log)
        return stored === undefined
          ? []
          : [{ topic: log.topic, partition: log.partition, ...stored }]
      })
  }

  async ping(): Promise<void> {
    this.#checkOpen()
    this.#state.reader.ping()
    this.#state.writer.ping()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#memberships].map((member) => member[Symbol.asyncDispose]()))
    await this.#state.closing.disposeAsync()
  }

  #group(name: string | null): Group {
    if (name === null) return new Group(null, this.#state)
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = new Group(name, this.#state)
      this.#groups.set(name, group)
    }
    return group
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return
    throw closed('the log has been closed')
  }
}
