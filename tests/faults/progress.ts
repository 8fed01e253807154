import { setTimeout as sleep } from 'node:timers/promises'
import { FACTS } from '#processors/topologies.ts'

const POLL_MS = 50
const ANSWERS_WITHIN_MS = 30_000

/** How many records there were, at a moment. */
export interface Sample {
  /** Milliseconds, as `performance.now()`. */
  readonly at: number
  readonly accepted: number
  readonly processed: number
  readonly waiting: number
}

/** Reads what one process says of itself, all the time, whether its servers are there or not. Disposing ends it. */
export class Progress implements AsyncDisposable {
  readonly samples: Sample[] = []
  readonly #ending = new AbortController()
  readonly #following: Promise<void>

  constructor(url: string) {
    this.#following = this.#follow(url)
  }

  /** The first sample from now on that fits. @throws Error when none does in time */
  async until(fits: (sample: Sample) => boolean, withinMs: number): Promise<Sample> {
    const asked = performance.now()
    for (let seen = this.samples.length; ; await sleep(POLL_MS)) {
      for (; seen < this.samples.length; seen++) {
        const sample = this.samples[seen]
        if (sample !== undefined && fits(sample)) return sample
      }
      if (performance.now() > asked + withinMs)
        throw new Error(`not so within ${withinMs} ms: ${JSON.stringify(this.samples.at(-1))}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#following
  }

  async #follow(url: string): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const text = await metricsOf(url)
      if (text !== undefined) this.samples.push(sampleOf(text))
      await sleep(POLL_MS)
    }
  }
}

function sampleOf(text: string): Sample {
  const accepted = sum(text, /^freshet_ingest_events_total\{outcome="accepted"\} (\d+)$/gm)
  const outcomes = `outcome="(?:stored|dead_lettered)"`
  const records = `^freshet_pipeline_records_total\\{group="${FACTS.group}",topic="[^"]+",${outcomes}\\} (\\d+)$`
  const processed = sum(text, new RegExp(records, 'gm'))
  return { at: performance.now(), accepted, processed, waiting: accepted - processed }
}

function sum(text: string, counter: RegExp): number {
  let total = 0
  for (const [, value] of text.matchAll(counter)) total += Number(value)
  return total
}

async function metricsOf(url: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
  const answer = await fetch(`${url}/metrics`, { signal }).catch(() => undefined)
  return answer?.text().catch(() => undefined)
}
