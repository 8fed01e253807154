import type { Logger } from 'pino'
import type { Config } from '#app/config.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import type { TextModel } from '#engines/models/port.ts'
import { openEngine } from './adapters.ts'
import type { EngineName, Engines } from './engines.ts'

export const ALL_ENGINES = [
  'log',
  'tables',
  'vectors',
  'cache',
  'registry',
  'model',
] as const satisfies readonly EngineName[]

/**
 * Opens the engines named, each where its URL says: inside this process or on a server. A server that does not answer is
 * no failure yet: the first call on it is. @throws EngineError with one sentence that says what to do
 */
export async function openEngines<K extends EngineName>(
  names: readonly K[],
  config: Config,
  logger: Logger,
): Promise<Engines<K>> {
  await using opening = new AsyncDisposableStack()
  const wanted: ReadonlySet<EngineName> = new Set(names)
  const { tablesMemoryBytesMax, cacheEntriesMax } = config
  const options = { clock: systemClock, logger, tablesMemoryBytesMax, cacheEntriesMax }
  // On a thread of its own, while the others open.
  const loading = wanted.has('model') ? openModel(config) : undefined
  opening.defer(async () => (await loading?.catch(() => undefined))?.[Symbol.asyncDispose]())
  const engines: Partial<Record<EngineName, AsyncDisposable | undefined>> = {}
  for (const name of ALL_ENGINES) {
    if (name === 'model' || !wanted.has(name)) continue
    engines[name] = opening.use(await openEngine(name, { ...options, url: config.urls[name] }))
  }
  engines.model = await loading
  const opened = opening.move()
  return {
    ...(engines as Engines<K>),
    clock: systemClock,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function openModel({ model }: Config): Promise<TextModel> {
  const { openTransformersModel } = await import(
    '#engines/models/transformers/transformers-model.ts'
  )
  return openTransformersModel({ folder: model.folder, model: model.name })
}
