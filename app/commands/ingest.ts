import { Argument, Command, InvalidArgumentError } from 'commander'
import type { Placement } from '#app/config.ts'
import { progressBar } from '#app/progress-bar.ts'
import { startIngestProcess } from '#app/roles/single-role.ts'
import { DatasetError } from '#datasets/dataset-error.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { ClientError } from '#ingest/client/client-error.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { type SendProgress, sendEvents } from '#ingest/client/send-events.ts'
import { type DatasetSurvey, replayDataset, surveyDataset } from '#ingest/replay/dataset.ts'
import type { Rejection } from '#schemas/http/events-accepted.ts'
import { DEFAULT_URL, flag, option, positive, withPlacement } from './options.ts'
import { runRole } from './roles.ts'

interface IngestOptions {
  readonly catalogue?: string
  readonly url: string
  readonly rate?: number
  readonly asOfNow: boolean
  readonly currency: string
  readonly json: boolean
}

const REJECTIONS_SHOWN_MAX = 10

/**
 * `freshet ingest FILE`: a data set into a running Freshet; exit code 0 only when every event is acknowledged. Without a
 * file it is the process that takes events.
 */
export function ingestCommand(): Command {
  return withPlacement(new Command('ingest'), 8081)
    .description(
      'send a data set (the shared CSV schema) into a running Freshet; without a FILE: be the process that takes events',
    )
    .addArgument(new Argument('[FILE]', 'events: .csv or .csv.gz'))
    .addOption(option('--catalogue <FILE>', 'products, sent first', 'FRESHET_CATALOGUE'))
    .addOption(option('--url <URL>', 'where Freshet answers', 'FRESHET_URL').default(DEFAULT_URL))
    .addOption(
      option('--rate <N>', 'events per second at most', 'FRESHET_RATE').argParser(positive),
    )
    .addOption(
      flag('--as-of-now', 'shift all times so that the newest event is now', 'FRESHET_AS_OF_NOW'),
    )
    .addOption(
      option('--currency <CODE>', "what the file's prices are in (ISO 4217)", 'FRESHET_CURRENCY')
        .argParser(currencyCode)
        .default('GBP'),
    )
    .addOption(flag('--json', 'print the summary as JSON on standard output', 'FRESHET_JSON'))
    .action(async (file: string | undefined, options: IngestOptions & Placement) => {
      if (file === undefined) await runRole('ingest', startIngestProcess, options)
      else await sendFile(file, options)
    })
}

async function sendFile(file: string, options: IngestOptions): Promise<void> {
  const stop = new AbortController()
  const onSignal = () => stop.abort(new ClientError(STOPPED))
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    const summary = await ingest(file, options, stop.signal)
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
    else say(inWords(summary))
    if (summary.rejected > 0) process.exitCode = 1
  } catch (error) {
    if (!(error instanceof ClientError || error instanceof DatasetError)) throw error
    say(`freshet: ${error.message}`)
    process.exitCode = 1
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

const STOPPED = 'stopped before the end; run it again: events that arrived keep their ids'

async function ingest(file: string, options: IngestOptions, signal: AbortSignal) {
  const dataset = { events: file, catalogue: options.catalogue, currency: options.currency }
  const survey = await surveyDataset(dataset)
  if (survey.newest === undefined) throw new DatasetError(file, 0, 'holds no event')
  const shiftMs = options.asOfNow ? systemClock.now() - survey.newest : 0

  using bar = progressBar('ingest', survey.events)
  let done = 0
  const client = new EventClient({
    url: options.url,
    clock: systemClock,
    onRetry: ({ reason }) => bar.update(done, `waiting for Freshet (${reason})`),
  })
  await client.ping(signal)
  const rejections = new Rejections()
  const start = performance.now()
  const progress = await sendEvents(replayDataset(dataset, { survey, shiftMs }), {
    client,
    clock: systemClock,
    signal,
    ...(options.rate !== undefined && { ratePerSecond: options.rate }),
    onRejected: (rejection) => rejections.note(rejection),
    onProgress: ({ sent }) => {
      done = sent
      bar.update(sent)
    },
  })
  rejections.say()
  return summaryOf(survey, progress, (performance.now() - start) / 1_000)
}

type Summary = ReturnType<typeof summaryOf>

function summaryOf(survey: DatasetSurvey, progress: SendProgress, seconds: number) {
  return {
    events: progress.sent,
    products: survey.products,
    orders: survey.orders,
    acknowledged: progress.acknowledged,
    rejected: progress.rejected,
    seconds: Number(seconds.toFixed(3)),
    events_per_second: Math.round(progress.sent / seconds),
  }
}

function inWords(summary: Summary): string {
  const { events, orders, products, acknowledged, rejected, seconds } = summary
  return (
    `${acknowledged} of ${events} events acknowledged (${orders} orders, ${products} products), ` +
    `${rejected} rejected, in ${seconds.toFixed(1)} s: ${summary.events_per_second} events/s`
  )
}

/** The first few rejections, for the person who has to correct the file. */
class Rejections {
  #count = 0
  readonly #shown: string[] = []

  note({ event_id, code, message }: Rejection): void {
    this.#count += 1
    if (this.#shown.length < REJECTIONS_SHOWN_MAX)
      this.#shown.push(`rejected ${event_id ?? 'an event'} (${code}): ${message}`)
  }

  say(): void {
    for (const line of this.#shown) say(line)
    const more = this.#count - this.#shown.length
    if (more > 0) say(`and ${more} more were rejected`)
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function currencyCode(text: string): string {
  if (/^[A-Z]{3}$/.test(text)) return text
  throw new InvalidArgumentError('It must be three capital letters, such as GBP.')
}
