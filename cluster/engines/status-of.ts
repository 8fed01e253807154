import {
  ENGINE_NAMES,
  ENGINES_FOLDER,
  type EngineName,
  type RunningEngine,
  runningEngines,
} from '#cluster/running-engines.ts'
import { isRunning } from './process-identity.ts'

export interface EngineStatus extends Partial<RunningEngine> {
  readonly engine: EngineName
  /** `partly`: some of its processes have died. `died`: all have, though nobody stopped them. */
  readonly state: 'running' | 'partly' | 'died' | 'stopped'
}

/** What runs of each engine at this moment. */
export function statusOf(
  names: readonly EngineName[] = ENGINE_NAMES,
  folder = ENGINES_FOLDER,
): EngineStatus[] {
  const running = runningEngines(folder)
  return names.map((engine) => ({ engine, state: stateOf(running[engine]), ...running[engine] }))
}

function stateOf(engine: RunningEngine | undefined): EngineStatus['state'] {
  if (engine === undefined) return 'stopped'
  const alive = engine.processes.filter(isRunning).length
  if (alive === 0) return 'died'
  return alive === engine.processes.length ? 'running' : 'partly'
}
