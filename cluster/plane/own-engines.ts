import type { StartOptions } from '#cluster/engines/start-engine.ts'
import { type StartOutcome, startEngines } from '#cluster/engines/start-engines.ts'
import { stopEngines } from '#cluster/engines/stop-engines.ts'
import type { RunningEngine } from '#cluster/running-engines.ts'
import { PLANE_ENGINES } from './plane-settings.ts'

type PlaneEngine = (typeof PLANE_ENGINES)[number]

/** A set of engines that nobody else uses. Disposing stops those that were started for it. */
export interface OwnEngines extends AsyncDisposable {
  readonly engines: Readonly<Record<PlaneEngine, RunningEngine>>
}

interface OwnEnginesOptions extends StartOptions {
  readonly folder: string
  /** Removes what they stored when they stop. */
  readonly wipe?: boolean
}

/** Starts all that a plane needs, in a folder of their own. @throws Error that names each engine that cannot be had */
export async function startOwnEngines({
  wipe,
  ...options
}: OwnEnginesOptions): Promise<OwnEngines> {
  const { folder } = options
  const outcomes = await startEngines(PLANE_ENGINES, { ...options, freePorts: true })
  const started = outcomes.filter(({ state }) => state === 'started').map(({ engine }) => engine)
  const stop = async () => {
    await stopEngines(started, { folder, ...(wipe && { wipe }) })
  }
  const missing = outcomes.filter((outcome) => 'reason' in outcome)
  if (missing.length > 0) {
    await stop()
    throw new Error(missing.map(({ engine, reason }) => `${engine}: ${reason}`).join('\n'))
  }
  return {
    engines: Object.fromEntries(outcomes.flatMap(entryOf)) as OwnEngines['engines'],
    [Symbol.asyncDispose]: stop,
  }
}

function entryOf(outcome: StartOutcome): [string, RunningEngine][] {
  return 'running' in outcome ? [[outcome.engine, outcome.running]] : []
}
