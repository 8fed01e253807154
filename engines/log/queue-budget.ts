import { overloaded, refused } from '../errors.ts'

/** Bounds the bytes of records that wait to become durable. */
export class QueueBudget {
  readonly #bytesMax: number
  readonly #for: string
  #bytes = 0

  /** @param waitsFor what the records wait for, as in 'the disk' */
  constructor(bytesMax: number, waitsFor: string) {
    this.#bytesMax = bytesMax
    this.#for = waitsFor
  }

  /** @throws EngineError ENGINE_OVERLOADED when the queue is full, ENGINE_REFUSED when it can never hold so much */
  admit(bytes: number): void {
    const max = this.#bytesMax
    if (bytes > max) {
      throw refused(
        `an append of up to ${bytes} bytes exceeds the log's queue (queueBytesMax = ${max}); append fewer records at a time`,
      )
    }
    if (this.#bytes + bytes > max) {
      throw overloaded(
        `the log's queue is full (queueBytesMax = ${max} bytes wait for ${this.#for}); append again a little later`,
      )
    }
    this.#bytes += bytes
  }

  release(bytes: number): void {
    this.#bytes -= bytes
  }
}
