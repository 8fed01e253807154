import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Config } from '#app/config.ts'
import type { EngineName } from '#app/engines/engines.ts'
import { ALL_ENGINES, openEngines } from '#app/engines/open-engines.ts'
import { isThroughDebezium } from '#app/roles/read-outbox.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import { inspectOutbox } from '#ingest/outbox/inspect-outbox.ts'
import type { Check } from './checks.ts'

const ANSWER_MS = 10_000
/** What may be shown of a URL that an adapter accepts. */
const ADDRESS = /^(?<scheme>[a-z-]+:)\/\/([^@]*@)?(?<hosts>[^/?]*)/

/** Each engine where the configuration has it: the folder of a Freshet that is stopped, or a server. */
export function engineChecks(
  config: Config,
  logger: Logger,
): readonly (readonly [string, Check])[] {
  const engines = ALL_ENGINES.map((name) => {
    const check = name === 'model' ? 'text model' : name
    return [check, () => checkEngine(name, config, logger)] as const
  })
  const { outbox } = config
  if (outbox === undefined || isThroughDebezium(config)) return engines
  return [...engines, ['outbox', () => checkOutbox(outbox.url)]]
}

async function checkOutbox(url: string): Promise<string> {
  const { isRead, rejected, lagMs } = await inspectOutbox({ url, clock: systemClock })
  const reader = isRead ? 'is being read' : 'is not being read'
  return `${reader}, ${(lagMs / 1_000).toFixed(1)} s behind, ${rejected} rows rejected`
}

async function checkEngine(name: EngineName, config: Config, logger: Logger): Promise<string> {
  if (name === 'model') {
    await using engines = await openEngines(['model'], config, logger)
    return `${engines.model.space}, ${engines.model.dimensions} dimensions`
  }
  const url = config.urls[name]
  if (!isEmbedded(url)) return checkServer(name, config, logger)
  if (name === 'cache') return 'in memory'
  if (!existsSync(folderOf(url))) return 'nothing there yet; `freshet start` makes it'
  await using _ = await openEngines([name], config, logger)
  return `opens in ${folderOf(url)}`
}

async function checkServer(
  name: Exclude<EngineName, 'model'>,
  config: Config,
  logger: Logger,
): Promise<string> {
  await using engines = await openEngines([name], config, logger)
  const { scheme = '', hosts = '' } = ADDRESS.exec(config.urls[name])?.groups ?? {}
  const address = `${scheme}//${hosts}`
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${ANSWER_MS} ms`)),
    ANSWER_MS,
  )
  try {
    await Promise.race([engines[name].ping(), late.promise])
  } catch (error) {
    throw new Error(`${address}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    clearTimeout(timer)
  }
  const isOfHttp = name === 'tables' || name === 'vectors'
  return `answers at ${address}${isOfHttp ? await standIn(hosts) : ''}`
}

/** A server of ours that only stands in for the real engine says so in every answer. */
async function standIn(host: string): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const answer = await fetch(`http://${host}`, { signal }).catch(() => undefined)
  const name = answer?.headers.get('x-freshet-stand-in')
  await answer?.body?.cancel()
  return name ? `, a stand-in: ${name}` : ''
}
