import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Engines } from '#app/engines/engines.ts'
import { progressBar } from '#app/progress-bar.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { DEMO, loadDemo } from '#ingest/demo.ts'
import { surveyDataset } from '#ingest/replay/dataset.ts'
import { DATASET_SOURCE } from '#pipeline/dataset/to-events.ts'
import { FACTS } from '#processors/topologies.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'

/** What a start leaves for the next one: by how much the demo's times were shifted, and that all of it arrived. */
const Marker = z.object({ shift_ms: z.number(), complete: z.boolean() })
type Marker = z.infer<typeof Marker>

interface DemoOptions {
  readonly url: string
  readonly dataFolder: string
  readonly engines: Engines
  readonly signal: AbortSignal
}

/**
 * Sends the demo through the collector, once in the life of a data folder: its newest event is then now. A start that
 * was cut short is gone on with by the next, which asks the tables what has arrived.
 */
export async function sendDemo({ url, dataFolder, engines, signal }: DemoOptions): Promise<void> {
  const { clock } = engines
  const file = join(dataFolder, 'demo.json')
  const marker = await readMarker(file)
  if (marker?.complete) return
  const survey = await surveyDataset(DEMO)
  const shiftMs = marker?.shift_ms ?? clock.now() - (survey.newest ?? 0)
  await writeMarker(file, { shift_ms: shiftMs, complete: false })
  const arrived = marker === undefined ? new Set<string>() : await arrivedIds(engines, signal)
  using bar = progressBar('demo', survey.events)
  await loadDemo({
    client: new EventClient({ url, clock, gzip: false }),
    clock,
    survey,
    shiftMs,
    signal,
    skip: (id) => arrived.has(id),
    onProgress: (done) => bar.update(done),
  })
  await writeMarker(file, { shift_ms: shiftMs, complete: true })
}

/** The ids of all demo events in the log, once the archive has caught up with it. */
async function arrivedIds(
  { log, tables, clock }: Engines,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const bounds = await log.bounds(TOPIC_NAMES)
  for (;;) {
    signal.throwIfAborted()
    const commits = await log.committed(FACTS.group, TOPIC_NAMES)
    const isStored = bounds.every(({ topic, partition, end }) => {
      const commit = commits.find((c) => c.topic === topic && c.partition === partition)
      return (commit?.offset ?? 0) >= end
    })
    if (isStored) break
    await clock.sleep(100, signal)
  }
  const rows = await tables.query<{ event_id: string }>(
    'SELECT DISTINCT event_id FROM raw_events WHERE source = {source:String}',
    { parameters: { source: DATASET_SOURCE } },
  )
  return new Set(rows.map((row) => row.event_id))
}

async function readMarker(file: string): Promise<Marker | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return Marker.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

async function writeMarker(file: string, marker: Marker): Promise<void> {
  await writeFile(file, JSON.stringify(marker))
}
