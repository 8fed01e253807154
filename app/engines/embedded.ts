import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '#app/config.ts'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { openEmbeddedLog } from '#engines/log/embedded/embedded-log.ts'
import { openTransformersModel } from '#engines/models/transformers/transformers-model.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { Engines } from './engines.ts'

/** Opens every engine inside this process. @throws EngineError with one sentence that says what to do */
export async function openEmbeddedEngines(config: Config, logger: Logger): Promise<Engines> {
  await using opening = new AsyncDisposableStack()
  const { folders, model } = config
  const clock = systemClock
  // On a thread of its own, while the others open.
  const loading = openTransformersModel({ folder: model.folder, model: model.name })
  opening.defer(async () => (await loading.catch(() => undefined))?.[Symbol.asyncDispose]())
  const log = opening.use(await openEmbeddedLog({ folder: folders.log, clock, logger }))
  const tables = opening.use(
    await openEmbeddedTables({
      folder: folders.tables,
      logger,
      memoryBytesMax: config.tablesMemoryBytesMax,
    }),
  )
  const vectors = opening.use(await openEmbeddedVectors({ folder: folders.vectors, logger }))
  const cache = opening.use(openEmbeddedCache({ maxEntries: config.cacheEntriesMax, clock }))
  const registry = opening.use(
    await openEmbeddedRegistry({ file: join(folders.registry, 'schemas.json') }),
  )
  const text = await loading
  const opened = opening.move()
  return {
    clock,
    log,
    tables,
    vectors,
    cache,
    registry,
    model: text,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
