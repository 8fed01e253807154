/** A topic as the log keeps it. */
export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** Only the newest record of each key has to be kept. */
  readonly compacted: boolean
  /** Records older than this may be deleted; undefined keeps them forever. */
  readonly retentionMs?: number
}

export interface NewRecord {
  readonly topic: string
  /** Same key, same partition, same order. Null spreads over the partitions. */
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface LogRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
  /** When the log took it, UTC milliseconds. */
  readonly timestamp: number
}

export interface Partition {
  readonly topic: string
  readonly partition: number
}

export interface Position extends Partition {
  readonly offset: number
}

/** `first` is the oldest offset kept, `end` the one that the next record will get. */
export interface PartitionBounds extends Partition {
  readonly first: number
  readonly end: number
}

/** Where a group stands: the next offset to process, and what the committer noted beside it. */
export interface Commit extends Position {
  readonly metadata: string
}

export interface FetchLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  /** How long to wait for a first record before resolving with none. */
  readonly waitMs: number
}

/**
 * The right to process one partition, held by at most one live member of a group at a time. A member that was paused
 * and resumes after its partition moved on holds a lost lease: its commits are refused.
 */
export interface Lease extends Partition {
  /** Grows by at least one each time the partition changes hands. */
  readonly epoch: number
  /** Aborts as soon as the loss of the lease is known, with a LEASE_LOST error as the reason. */
  readonly signal: AbortSignal
  /** The group's commit when the lease was taken; offset = the oldest kept (or as `startAt` says) and metadata '' if there was none. */
  readonly committed: Commit

  /**
   * The records from `offset` on, in offset order, at least one unless `waitMs` passed without any. Offsets may have
   * gaps (compaction). Any kept offset may be asked for, again and again: not fetching is the backpressure. None means
   * that the log has confirmed it: if it cannot be reached when `waitMs` is over, the call rejects.
   * @throws EngineError OFFSET_OUT_OF_RANGE below the oldest kept or beyond the end; LEASE_LOST; ENGINE_UNAVAILABLE
   */
  fetch(offset: number, limits: FetchLimits, signal?: AbortSignal): Promise<readonly LogRecord[]>

  /**
   * Sets the group's position and its metadata (at most 4,096 bytes) in one step, durably when it resolves. Refused
   * when the lease is lost, even if this member does not know yet.
   * @throws EngineError LEASE_LOST (drop all uncommitted work), ENGINE_UNAVAILABLE (retry)
   */
  commit(offset: number, metadata: string): Promise<void>
}

export interface JoinOptions {
  /** Members of one group share the partitions; `null` reads all of them alone and commits nothing. */
  readonly group: string | null
  readonly topics: readonly string[]
  /** Where a partition without a commit starts; default 'earliest'. */
  readonly startAt?: 'earliest' | 'latest'
  /**
   * Called once for each lease, when it is taken. It owns the partition until it returns, which it must do soon after
   * `lease.signal` aborts: others may not wait for it longer than a few seconds, and go on while its commits are
   * refused. If it returns before, the partition is idle until the next rebalance. Ending with LEASE_LOST after the loss is
   * a return. Any other rejection ends the membership and rejects `failed`.
   */
  readonly work: (lease: Lease) => Promise<void>
}

/** Being in a group. Disposing gives all leases up, waits until every `work` has returned and leaves cleanly. */
export interface Membership extends AsyncDisposable {
  /** Rejects with the first failure of a `work`; never resolves. */
  readonly failed: Promise<never>
}

/**
 * An ordered, durable log of records in partitioned topics. Order holds within a partition. The partition of a keyed
 * record is Kafka's default: murmur2 of the UTF-8 key, sign bit cleared, modulo the partitions.
 */
export interface Log extends AsyncDisposable {
  /** Creates the topics that do not exist; never changes one that does, and refuses a different partition count. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>

  /**
   * Appends the records and resolves with their positions, in the order given, once all are durable (fsync, or all
   * in-sync replicas). On rejection any subset may have been written: append again, readers deduplicate by event_id.
   * @throws EngineError UNKNOWN_TOPIC; ENGINE_OVERLOADED when the queue is full (retry later); ENGINE_UNAVAILABLE
   */
  append(records: readonly NewRecord[], signal?: AbortSignal): Promise<readonly Position[]>

  /** Joins a group, or tails without one. Resolves when joined; leases follow. */
  join(options: JoinOptions): Promise<Membership>

  /** The bounds of every partition of the topics. @throws EngineError UNKNOWN_TOPIC */
  bounds(topics: readonly string[]): Promise<readonly PartitionBounds[]>

  /** The group's commits on the topics; partitions without one are left out. */
  committed(group: string, topics: readonly string[]): Promise<readonly Commit[]>

  /** Resolves when the log answers. @throws EngineError ENGINE_UNAVAILABLE */
  ping(): Promise<void>
}
