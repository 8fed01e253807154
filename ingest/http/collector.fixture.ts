import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { Registry as Metrics } from 'prom-client'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import type { Log } from '#engines/log/port.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import { answersHeldTo } from '#http/answers-held-to.fixture.ts'
import { httpApp } from '#http/http-app.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { TOPIC_NAMES, TOPICS } from '#schemas/topics.ts'
import { storedEvents } from '../stored-events.fixture.ts'
import { type CollectorDeps, collectorEndpoints } from './collector-routes.ts'

/** A collector behind a real HTTP server, on a real log in a temporary folder. For tests. */
export interface CollectorFixture extends AsyncDisposable {
  readonly url: string
  readonly clock: ManualClock
  readonly metrics: Metrics
  /** Every event in the log, by topic, partition and offset. */
  stored(): Promise<readonly CommerceEvent[]>
}

interface FixtureOptions extends Partial<Pick<CollectorDeps, 'limits' | 'newEventId'>> {
  /** Stands in for the log that the collector appends to. */
  readonly wrapLog?: (log: Log) => Pick<Log, 'append'>
  readonly queueBytesMax?: number
}

export async function startCollector(options: FixtureOptions = {}): Promise<CollectorFixture> {
  const { wrapLog = (log) => log, queueBytesMax, ...deps } = options
  await using opening = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'freshet-ingest-'))
  opening.defer(() => rm(folder, { recursive: true }))
  const clock = new ManualClock()
  const log = opening.use(
    await openEmbeddedLog({ folder, clock, ...(queueBytesMax && { queueBytesMax }) }),
  )
  await log.createTopics(
    TOPIC_NAMES.map((name) => {
      const { partitions, compacted } = TOPICS[name]
      return { name, partitions, compacted }
    }),
  )
  const registry = opening.use(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
  const codec = await EventCodec.open(registry)
  const metrics = new Metrics()
  const logger = pino({ level: 'silent' })
  const endpoints = collectorEndpoints({
    log: wrapLog(log),
    codec,
    clock,
    metrics,
    logger,
    ...deps,
  })
  const answers = opening.use(answersHeldTo(endpoints))
  const server = createServer(httpApp({ endpoints, logger, watch: answers.watch }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opening.defer(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  const opened = opening.move()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock,
    metrics,
    stored: () => storedEvents(log, codec),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
