import type { Clock } from '#engines/clock/port.ts'
import type { EventInput } from '#schemas/events/json.ts'
import type { Rejection } from '#schemas/http/events-accepted.ts'
import type { EventClient } from './event-client.ts'

export interface SendProgress {
  /** Events sent, acknowledged or not. */
  readonly sent: number
  /** Acknowledged, and so durable. */
  readonly acknowledged: number
  readonly rejected: number
}

export interface SendOptions {
  readonly client: EventClient
  readonly clock: Clock
  /** Events per second at most; default as fast as Freshet takes them. */
  readonly ratePerSecond?: number
  readonly batchEventsMax?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SendProgress) => void
  readonly onRejected?: (rejection: Rejection, event: EventInput) => void
}

const BATCH_EVENTS_MAX = 1_000
const BATCH_CHARACTERS_MAX = 1_000_000

/**
 * Sends events in order, one batch after the other, until all are acknowledged or rejected; only the batch in hand is
 * in memory. @throws ClientError; the signal's reason; errors of the source of the events
 */
export async function sendEvents(
  events: Iterable<EventInput> | AsyncIterable<EventInput>,
  options: SendOptions,
): Promise<SendProgress> {
  const { client, clock, ratePerSecond = Number.POSITIVE_INFINITY, signal } = options
  // At a low rate a batch is what falls due in a quarter of a second.
  const atThisRate = Math.max(1, Math.floor(ratePerSecond / 4))
  const batchEventsMax = Math.min(options.batchEventsMax ?? BATCH_EVENTS_MAX, atThisRate)
  const start = clock.now()
  let progress: SendProgress = { sent: 0, acknowledged: 0, rejected: 0 }

  for await (const batch of batches(events, batchEventsMax)) {
    const due = start + (progress.sent / ratePerSecond) * 1_000
    await clock.sleep(Math.max(0, due - clock.now()), signal)
    const { accepted, rejected } = await client.sendLines(batch.lines, signal)
    progress = {
      sent: progress.sent + batch.events.length,
      acknowledged: progress.acknowledged + accepted,
      rejected: progress.rejected + rejected.length,
    }
    for (const rejection of rejected) {
      const event = batch.events[rejection.index]
      if (event !== undefined) options.onRejected?.(rejection, event)
    }
    options.onProgress?.(progress)
  }
  return progress
}

interface Batch {
  readonly events: EventInput[]
  readonly lines: string[]
}

async function* batches(
  events: Iterable<EventInput> | AsyncIterable<EventInput>,
  eventsMax: number,
): AsyncGenerator<Batch> {
  let batch: Batch = { events: [], lines: [] }
  let characters = 0
  for await (const event of events) {
    const line = JSON.stringify(event)
    batch.events.push(event)
    batch.lines.push(line)
    characters += line.length
    if (batch.lines.length < eventsMax && characters < BATCH_CHARACTERS_MAX) continue
    yield batch
    batch = { events: [], lines: [] }
    characters = 0
  }
  if (batch.lines.length > 0) yield batch
}
