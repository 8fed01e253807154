/** One processor of a cluster, in a process of its own, with the delivery that it is told. Drains on SIGTERM. */
import { once } from 'node:events'

process.env['UV_THREADPOOL_SIZE'] ??= '16'

const { pino } = await import('pino')
const { Registry } = await import('prom-client')
const { loadConfig } = await import('#app/config.ts')
const { openEngines } = await import('#app/engines/open-engines.ts')
const { PROCESS_ENGINES, startProcessing } = await import('#app/roles/process.ts')
const { EventCodec } = await import('#pipeline/event-codec.ts')

const [data = '', delivery = 'exactly-once'] = process.argv.slice(2)
const stopped = once(process, 'SIGTERM')
const logger = pino({ level: 'warn' }, pino.destination(2))
const config = loadConfig({ data })
await using engines = await openEngines(PROCESS_ENGINES, config, logger)
const codec = await EventCodec.open(engines.registry)
await engines.model.embed(['warm'])
process.stdout.write('opened\n')
await once(process.stdin, 'data')
// An open stdin keeps the process alive.
process.stdin.destroy()
await using processing = await startProcessing(
  engines,
  { config, codec, logger, metrics: new Registry() },
  { delivery: delivery === 'at-least-once' ? 'at-least-once' : 'exactly-once' },
)
await Promise.race([stopped, processing.failed])
