import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Clock } from '#engines/clock/port.ts'
import type { EngineError } from '#engines/errors.ts'
import { errorOfFailure, sqliteError } from '#engines/sqlite-error.ts'
import type { NewRecord } from '../port.ts'
import { QueueBudget } from '../queue-budget.ts'
import type { Change, Outcome, WriterMessage } from './changes.ts'
import { fileAt } from './log-file.ts'
import type { PartitionLog } from './partition-log.ts'
import { recordBytesMax } from './stored-batch.ts'
import { WriteGroup } from './write-group.ts'

export interface WriterOptions {
  readonly path: string
  readonly clock: Clock
  /** How many bytes of records may wait for the disk. */
  readonly queueBytesMax: number
}

export interface RoutedRecord {
  readonly partition: PartitionLog
  readonly record: NewRecord
}

/**
 * Group commit: while the worker writes one group, new appends gather in the next. Offsets are assigned when a group is
 * sent to the worker, so that a group that fails leaves no gap.
 */
export class Writer implements AsyncDisposable {
  readonly #options: WriterOptions
  readonly #worker: Worker
  #gathering = new WriteGroup()
  #writing: WriteGroup | undefined
  #scheduled = false
  readonly #budget: QueueBudget
  #failure: EngineError | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    this.#budget = new QueueBudget(options.queueBytesMax, 'the disk')
    this.#worker = new Worker(new URL('./writer-worker.ts', import.meta.url), {
      workerData: options.path,
    })
    this.#worker.on('message', (outcome: Outcome) => this.#finish(outcome))
    this.#worker.on('error', (error) => this.#fail(sqliteError(error, fileAt(options.path))))
  }

  /** Resolves with the offsets, in the order given, once all records are on the disk. */
  async append(records: readonly RoutedRecord[]): Promise<number[]> {
    this.ping()
    const bytes = records.reduce((sum, { record }) => sum + recordBytesMax(record), 0)
    this.#budget.admit(bytes)
    const group = this.#gathering
    group.bytes += bytes
    const ordinals = records.map(({ partition, record }) => group.append(partition, record))
    this.#schedule()
    await group.written
    return records.map(({ partition }, i) => group.offset(partition, ordinals[i] ?? 0))
  }

  /** Resolves once the change is on the disk. */
  async change(change: Change): Promise<void> {
    this.ping()
    const group = this.#gathering
    group.change(change)
    this.#schedule()
    await group.written
  }

  /** @throws EngineError ENGINE_UNAVAILABLE when the thread has died */
  ping(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Writes what is queued, then ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#failure === undefined && (this.#writing !== undefined || !this.#gathering.isEmpty))
      await (this.#writing ?? this.#gathering).written.catch(() => undefined)
    if (this.#failure !== undefined) return
    const ended = once(this.#worker, 'exit')
    this.#send({ kind: 'close' })
    await ended
  }

  /** Appends of one turn of the event loop go in one group. */
  #schedule(): void {
    if (this.#scheduled || this.#writing !== undefined) return
    this.#scheduled = true
    setImmediate(() => this.#write())
  }

  #write(): void {
    this.#scheduled = false
    if (this.#gathering.isEmpty) return
    this.#writing = this.#gathering
    this.#gathering = new WriteGroup()
    this.#send({ kind: 'write', ...this.#writing.seal(this.#options.clock.now()) })
  }

  #finish({ failure }: Outcome): void {
    const group = this.#writing
    this.#writing = undefined
    this.#budget.release(group?.bytes ?? 0)
    if (failure === undefined) group?.commit()
    else group?.fail(errorOfFailure(failure, fileAt(this.#options.path)))
    this.#write()
  }

  #send(message: WriterMessage): void {
    const moved =
      message.kind === 'write' ? message.batches.map(({ records }) => records.buffer) : []
    this.#worker.postMessage(message, moved)
  }

  #fail(error: EngineError): void {
    this.#failure = error
    this.#writing?.fail(error)
    if (!this.#gathering.isEmpty) this.#gathering.fail(error)
  }
}
