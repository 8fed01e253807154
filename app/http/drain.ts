import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'

/**
 * How long answers under way may take to finish; then they are cut off. Half of what the whole process has to stop in
 * (app/commands/run-until-stopped.ts): the processors need the rest.
 */
const ANSWERS_MS = 10_000
/** By then, what was sent before the last connection was accepted has been read. */
const UNREAD_MS = 50

/** Ends a server without cutting an answer. Make it before the server takes a request. */
export class Drain {
  readonly #server: Server
  readonly #answers = new Set<ServerResponse>()
  #isAnnounced = false

  constructor(server: Server) {
    this.#server = server
    server.prependListener('request', (_request, response) => {
      if (this.#isAnnounced) response.setHeader('Connection', 'close')
      this.#answers.add(response)
      response.once('close', () => this.#answers.delete(response))
    })
  }

  /** From now on each answer says that it is the last of its connection, so that clients go elsewhere. */
  announce(): void {
    this.#isAnnounced = true
    // Of several that were asked for on one connection the last says so: the others would take it with them.
    const last = new Map([...this.#answers].map((answer) => [answer.req.socket, answer]))
    for (const answer of last.values()) {
      if (!answer.headersSent) answer.setHeader('Connection', 'close')
    }
  }

  /** Takes no more connections, waits for the answers under way and closes what is left. */
  async end(): Promise<void> {
    this.announce()
    // Just after the event loop has taken the connections that waited: closing resets those that are not taken.
    await setImmediate()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const late = new AbortController()
    await Promise.race([this.#answered(), setTimeout(ANSWERS_MS, undefined, late)])
    late.abort()
    // Connections on which nothing was asked: browsers open some to have them ready.
    this.#server.closeAllConnections()
    await closed
  }

  async #answered(): Promise<void> {
    do {
      for (const answer of this.#answers) await once(answer, 'close')
      await setTimeout(UNREAD_MS)
      // A timer may fire before the event loop has read: this does not.
      await setImmediate()
    } while (this.#answers.size > 0)
  }
}
