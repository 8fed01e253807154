import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { askRows } from '#app/ask-sql.ts'
import { progressBar } from '#app/progress-bar.ts'
import { DATASET_SOURCE } from '#datasets/to-events.ts'
import type { Clock } from '#engines/clock/port.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { DEMO, loadDemo } from '#ingest/demo.ts'
import { surveyDataset } from '#ingest/replay/dataset.ts'
import { Ledger } from '#schemas/http/ledger.ts'

/** What a start leaves for the next one: by how much the demo's times were shifted, and that all of it arrived. */
const Marker = z.object({ shift_ms: z.number(), complete: z.boolean() })
type Marker = z.infer<typeof Marker>

/** A ledger in an answer may be this old. */
const LEDGER_AGE_MS = 1_000

/** Where a Freshet takes events and where it answers: one address, or two when each is a process. */
export interface Addresses {
  readonly ingestUrl: string
  readonly serveUrl: string
}

interface DemoOptions extends Addresses {
  readonly dataFolder: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Sends the demo through the collector, once in the life of a data folder: its newest event is then now. After a start
 * that was cut short, the next one asks the tables what has arrived and sends the rest.
 */
export async function sendDemo(options: DemoOptions): Promise<void> {
  const { ingestUrl, dataFolder, clock, signal } = options
  const file = join(dataFolder, 'demo.json')
  const marker = await readMarker(file)
  if (marker?.complete) return
  const survey = await surveyDataset(DEMO)
  const shiftMs = marker?.shift_ms ?? clock.now() - (survey.newest ?? 0)
  await writeMarker(file, { shift_ms: shiftMs, complete: false })
  const arrived = marker === undefined ? new Set<string>() : await arrivedIds(options)
  using bar = progressBar('demo', survey.events)
  await loadDemo({
    client: new EventClient({ url: ingestUrl, clock, gzip: false }),
    clock,
    survey,
    shiftMs,
    signal,
    skip: (id) => arrived.has(id),
    onProgress: (done) => bar.update(done),
  })
  await writeMarker(file, { shift_ms: shiftMs, complete: true })
}

/** Resolves when everything that is in the log now is in the tables. */
export async function archived({
  serveUrl,
  clock,
  signal,
}: Omit<DemoOptions, 'dataFolder'>): Promise<void> {
  await clock.sleep(LEDGER_AGE_MS, signal)
  const { partitions: then } = await ledgerOf(serveUrl)
  for (;;) {
    signal.throwIfAborted()
    const { partitions: now } = await ledgerOf(serveUrl)
    const isStored = then.every(({ appended }, i) => {
      const entry = now[i]
      return entry !== undefined && entry.stored + entry.dead_lettered >= appended
    })
    if (isStored) return
    await clock.sleep(500, signal)
  }
}

/** The ids of all demo events that were sent. */
async function arrivedIds(options: DemoOptions): Promise<ReadonlySet<string>> {
  await archived(options)
  const rows = await askRows<{ event_id: string }>(
    options.serveUrl,
    `SELECT DISTINCT event_id FROM events WHERE source = '${DATASET_SOURCE}'`,
  )
  return new Set(rows.map((row) => row.event_id))
}

async function ledgerOf(url: string): Promise<Ledger> {
  return Ledger.parse(await (await fetch(new URL('/v1/ledger', url))).json())
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
