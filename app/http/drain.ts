import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'

/**
 * How long answers under way may take to finish; then they are cut off. Half of what the whole process has to stop in
 * (app/commands/run-until-stopped.ts): the processors need the rest.
 */
const ANSWERS_MS = 10_000
/** Turns of the event loop without a new connection after which none waits in the kernel's queue: each turn takes one. */
const QUIET_TURNS = 3
/** Clients that connect again and again are not waited for longer than this. */
const TAKING_MS = 500
/** By then, what was sent before the last connection was accepted has been read. */
const UNREAD_MS = 50

/** Closes an HTTP server without cutting an answer. Create it before the server takes a request. */
export class Drain {
  readonly #server: Server
  readonly #answers = new Set<ServerResponse>()
  #isAnnounced = false
  #quietTurns = 0

  constructor(server: Server) {
    this.#server = server
    server.prependListener('connection', () => {
      this.#quietTurns = 0
    })
    server.prependListener('request', (_request, response) => {
      if (this.#isAnnounced) response.setHeader('Connection', 'close')
      this.#answers.add(response)
      response.once('close', () => this.#answers.delete(response))
    })
  }

  /** From now on each answer says that it is the last of its connection, so that clients go elsewhere. */
  announce(): void {
    this.#isAnnounced = true
    // Of several answers on one connection only the last says so: an earlier one would close the connection before it.
    const last = new Map([...this.#answers].map((answer) => [answer.req.socket, answer]))
    for (const answer of last.values()) {
      if (!answer.headersSent) answer.setHeader('Connection', 'close')
    }
  }

  /** Takes no more connections, waits for the answers under way and closes what is left. */
  async end(): Promise<void> {
    this.announce()
    await this.#takeWaiting()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const late = new AbortController()
    await Promise.race([this.#answered(), setTimeout(ANSWERS_MS, undefined, late)])
    late.abort()
    // Connections without a request: browsers open some in advance.
    this.#server.closeAllConnections()
    await closed
  }

  /** Closing would reset connections that are made and not taken yet, with what was asked on them. */
  async #takeWaiting(): Promise<void> {
    const end = performance.now() + TAKING_MS
    this.#quietTurns = 0
    while (this.#quietTurns < QUIET_TURNS && performance.now() < end) {
      this.#quietTurns += 1
      await setImmediate()
    }
  }

  async #answered(): Promise<void> {
    do {
      for (const answer of this.#answers) await once(answer, 'close')
      await setTimeout(UNREAD_MS)
      // A timer may fire before the event loop has read the sockets; `setImmediate` runs after that.
      await setImmediate()
    } while (this.#answers.size > 0)
  }
}
