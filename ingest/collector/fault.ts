import type { RejectionCode } from '#schemas/http/events-accepted.ts'

/** What is wrong with one event; with its index and id it becomes a `Rejection`. */
export interface Fault {
  readonly code: RejectionCode
  /** JSON pointer within the event; '' is the event itself. */
  readonly pointer: string
  readonly message: string
}
