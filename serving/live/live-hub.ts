import type { Clock } from '#engines/clock/port.ts'
import { EventRing } from './event-ring.ts'
import { frame, HEARTBEAT } from './server-sent-event.ts'

/** One connection that listens. `write` answers whether it may take more; `end` closes it. */
export interface Listener {
  /** Of the client that it belongs to. */
  readonly address: string
  write(text: string): boolean
  end(): void
}

export interface LiveLimits {
  /** Connections that listen at the same time; the next one is refused. */
  readonly listenersMax: number
  /** Of these, connections of one client address, so that nobody takes all of them. */
  readonly listenersPerAddressMax: number
  /** Events kept for those who come back. */
  readonly eventsKept: number
  readonly heartbeatMs: number
}

export const LIVE_LIMITS: LiveLimits = {
  listenersMax: 500,
  listenersPerAddressMax: 20,
  eventsKept: 200,
  heartbeatMs: 15_000,
}

interface HubOptions {
  readonly clock: Clock
  /** Publishes until the signal aborts; runs only while there are listeners. */
  readonly feed: (publish: Publish, signal: AbortSignal) => Promise<void>
  readonly limits?: LiveLimits
}

export type Publish = (event: string, data: unknown) => void

/** Fans one feed out to all listeners; without listeners nothing is read. */
export class LiveHub implements AsyncDisposable {
  readonly #clock: Clock
  readonly #feed: HubOptions['feed']
  readonly #limits: LiveLimits
  readonly #ring: EventRing
  readonly #listeners = new Set<Listener>()
  #stop: AbortController | undefined
  #running: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor({ clock, feed, limits = LIVE_LIMITS }: HubOptions) {
    this.#clock = clock
    this.#feed = feed
    this.#limits = limits
    this.#ring = new EventRing(limits.eventsKept, clock.now())
  }

  get listeners(): number {
    return this.#listeners.size
  }

  get isFull(): boolean {
    return this.#closed || this.#listeners.size >= this.#limits.listenersMax
  }

  /** The limit that `address` has reached; undefined while it has not. */
  limitOf(address: string): number | undefined {
    const limit = this.#limits.listenersPerAddressMax
    const taken = [...this.#listeners].filter((each) => each.address === address).length
    return taken >= limit ? limit : undefined
  }

  /**
   * Sends what the listener missed since `lastEventId`, then everything new, until the function returned is called.
   * Check `isFull` and `limitOf` first.
   */
  add(listener: Listener, lastEventId?: number): () => void {
    this.#listeners.add(listener)
    for (const event of this.#ring.after(lastEventId)) listener.write(frame(event))
    if (this.#stop === undefined) this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#halt()
    }
  }

  /** Ends every connection and refuses new ones; resolves when the feed has stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#halt()
    for (const listener of this.#listeners) listener.end()
    this.#listeners.clear()
    await this.#running
  }

  /** Waits for a previous feed to end, so that two never publish at once. */
  #start(): void {
    const stop = new AbortController()
    this.#stop = stop
    const { signal } = stop
    const publish: Publish = (event, data) => {
      if (!signal.aborted) this.#send(frame(this.#ring.add(event, JSON.stringify(data))))
    }
    this.#running = this.#running.then(() =>
      Promise.all([this.#feed(publish, signal), this.#beat(signal)]),
    )
  }

  /** Clears the ring: its events would be stale for the next listener, and a new feed starts with fresh ones. */
  #halt(): void {
    this.#stop?.abort()
    this.#stop = undefined
    this.#ring.clear()
  }

  async #beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#limits.heartbeatMs, signal)
      if (!signal.aborted) this.#send(HEARTBEAT)
    }
  }

  /** A listener that cannot keep up is disconnected: it reconnects and gets the newest events, not the backlog. */
  #send(text: string): void {
    for (const listener of this.#listeners) {
      if (!listener.write(text)) listener.end()
    }
  }
}
