/** An event for all listeners; `id` increases with every event, also across restarts. */
export interface LiveEvent {
  readonly id: number
  readonly event: string
  /** JSON, which has no line breaks and so is one `data:` line. */
  readonly data: string
}

/** The format of https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export function frame({ id, event, data }: LiveEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`
}

/** A comment: keeps proxies from closing a quiet stream. */
export const HEARTBEAT = ': still here\n\n'

/** How long the browser waits before it reconnects. */
export function retryAfter(ms: number): string {
  return `retry: ${ms}\n\n`
}
