/** What one request, and all requests together, may weigh. Answers name the limit that was exceeded. */
export interface CollectorLimits {
  /** Bytes of one body, after inflating. */
  readonly bodyBytesMax: number
  /** Events in one request. */
  readonly eventsMax: number
  /** Bytes of one event as the log keeps it (Avro). */
  readonly eventBytesMax: number
  /** Inflated bytes of all requests that are being worked on; beyond it callers are asked to come back. */
  readonly inFlightBytesMax: number
  /** Seconds after which a caller who was sent away should come back. */
  readonly retryAfterSeconds: number
}

export const COLLECTOR_LIMITS: CollectorLimits = {
  bodyBytesMax: 5 * 1024 * 1024,
  eventsMax: 5_000,
  eventBytesMax: 512 * 1024,
  inFlightBytesMax: 64 * 1024 * 1024,
  retryAfterSeconds: 1,
}
