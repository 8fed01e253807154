import { fileURLToPath } from 'node:url'
import type { Clock } from '#engines/clock/port.ts'
import type { EventClient } from '#ingest/client/event-client.ts'
import { type SendProgress, sendEvents } from '#ingest/client/send-events.ts'
import { type Dataset, type DatasetSurvey, replayDataset } from '#ingest/replay/dataset.ts'
import type { EventInput } from '#schemas/events/json.ts'

/** Two months of a real gift shop; demo/README.md says whose data they are. */
export const DEMO: Dataset = {
  events: demoFile('demo.events.csv.gz'),
  catalogue: demoFile('demo.catalogue.csv.gz'),
  currency: 'GBP',
}

export interface LoadDemoOptions {
  readonly client: EventClient
  readonly clock: Clock
  /** What `surveyDataset(DEMO)` found; its `newest` is what the shift is computed from. */
  readonly survey: DatasetSurvey
  /** Added to every event time. Keep it with the data: a second start must send the same events under the same ids. */
  readonly shiftMs: number
  /** True for events that were acknowledged before, so that a load that was cut short can go on. */
  readonly skip?: (eventId: string) => boolean
  readonly signal?: AbortSignal
  /** `done` of `survey.events`, the skipped ones included. */
  readonly onProgress?: (done: number) => void
}

/** Sends the demo's catalogue, then its orders, through the collector. Event ids are the same each time. @throws ClientError */
export async function loadDemo(options: LoadDemoOptions): Promise<SendProgress> {
  const { client, clock, skip, signal, onProgress } = options
  let skipped = 0
  async function* wanted(): AsyncGenerator<EventInput> {
    for await (const event of replayDataset(DEMO, options)) {
      if (skip?.(event.event_id)) skipped += 1
      else yield event
    }
  }
  return sendEvents(wanted(), {
    client,
    clock,
    ...(signal && { signal }),
    onProgress: ({ sent }) => onProgress?.(sent + skipped),
  })
}

function demoFile(name: string): string {
  return fileURLToPath(new URL(`../demo/${name}`, import.meta.url))
}
