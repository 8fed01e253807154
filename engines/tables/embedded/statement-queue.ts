import type { ChdbResult, Session } from 'chdb'
import { closed, EngineError, overloaded, timedOut } from '#engines/errors.ts'
import { InTurn } from '#engines/in-turn.ts'
import { orAborted } from '#engines/or-aborted.ts'
import { errorOfException } from '../exception-words.ts'

/** Max queued statements while the session is busy. */
const QUEUE_MAX = 1_000

export interface Deadline {
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

/** One session and its queue of statements: chDB runs one at a time in each session. */
export class StatementQueue {
  readonly session: Session
  readonly #turns = new InTurn()
  #waiting = 0
  #sessionDeadlineMs = 0

  constructor(session: Session) {
    this.session = session
  }

  /** How many statements run or wait. */
  get load(): number {
    return this.#waiting
  }

  /** Runs SQL in its turn; the engine stops it when the deadline, counted from this call, has passed. */
  run(sql: string, format: string, deadline: Deadline): Promise<ChdbResult> {
    return this.exclusively(deadline, async (leftMs) => {
      await this.#limit(leftMs)
      return this.session.queryAsync(sql, { format })
    })
  }

  /**
   * Calls `work` in its turn with the milliseconds left. An abort rejects at once; a statement that already runs goes on
   * until its deadline. @throws EngineError
   */
  async exclusively<T>(deadline: Deadline, work: (leftMs: number) => Promise<T>): Promise<T> {
    const { deadlineMs, signal } = deadline
    signal?.throwIfAborted()
    if (this.#waiting >= QUEUE_MAX) throw queueFull()
    const end = performance.now() + deadlineMs
    this.#waiting += 1
    const result = this.#turns.run(async () => {
      signal?.throwIfAborted()
      const leftMs = end - performance.now()
      if (leftMs <= 0) throw late(deadlineMs)
      return work(leftMs).catch((error: unknown) => {
        throw error instanceof EngineError ? error : engineErrorOf(error)
      })
    })
    const leave = () => (this.#waiting -= 1)
    result.then(leave, leave)
    return orAborted(result, signal)
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    while (this.#waiting > 0) await this.#turns.ended()
  }

  /** Set on the session, so that it works for every kind of statement. */
  async #limit(leftMs: number): Promise<void> {
    const rounded = Math.max(1, Math.ceil(leftMs / 10) * 10)
    if (rounded === this.#sessionDeadlineMs) return
    await this.session.queryAsync(`SET max_execution_time = ${rounded / 1000}`)
    this.#sessionDeadlineMs = rounded
  }
}

function late(deadlineMs: number): EngineError {
  return timedOut(`the tables were busy for all of the ${deadlineMs} ms allowed`)
}

function queueFull(): EngineError {
  return overloaded(`${QUEUE_MAX} statements wait for the tables already: ask for less at once`)
}

/** The EngineError for an exception of chDB. */
export function engineErrorOf(cause: unknown): EngineError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'CHDB_CLOSED') {
    return closed('the tables are closed', { cause })
  }
  const raw = cause instanceof Error ? cause.message : String(cause)
  return errorOfException(raw.replace(/^Query failed: /, ''), cause)
}
