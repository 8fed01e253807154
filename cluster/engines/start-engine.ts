import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  ENGINES_FOLDER,
  type EngineName,
  type Ports,
  type RunningEngine,
  type RunningProcess,
  runningEngines,
} from '#cluster/running-engines.ts'
import { acquireLock } from './acquire-lock.ts'
import { choosePorts } from './choose-ports.ts'
import type { EngineRecipe, EngineShape, PreparedEngine, Report } from './engine-recipe.ts'
import { launch } from './launch.ts'
import { isRunning } from './process-identity.ts'
import { RECIPES } from './recipes.ts'
import { stopProcess } from './stop-process.ts'
import { untilReady } from './until-ready.ts'
import { updateRunning } from './update-running.ts'

export interface StartOptions extends Partial<EngineShape> {
  /** Of this set of engines; `.engines` unless said. A test that restarts servers has its own set in its own folder. */
  readonly folder?: string
  /** Instead of the usual ports, which may be taken. */
  readonly freePorts?: boolean
  readonly report?: (engine: EngineName, ...said: Parameters<Report>) => void
}

interface Started {
  readonly state: 'started' | 'was running'
  readonly running: RunningEngine
}

/** Starts what does not run of one engine. @throws EngineMissing, Error */
export async function startEngine(engine: EngineName, options: StartOptions): Promise<Started> {
  const { folder: set = ENGINES_FOLDER, freePorts = false } = options
  const report: Report = (...said) => options.report?.(engine, ...said)
  const recipe = RECIPES[engine]
  const folder = join(set, engine)
  mkdirSync(folder, { recursive: true })
  using _ = await acquireLock(join(set, `${engine}.lock`), () =>
    report('waits for another command that starts or stops it'),
  )
  const known = runningEngines(set)[engine]
  const before = known?.processes.some(isRunning) ? known.processes : []
  const usual = recipe.usualPorts(shapeOf(before, options))
  if (before.length > 0) expectPorts(engine, before, usual)
  const ports =
    before.length > 0
      ? before.map((each) => each.ports)
      : await choosePorts({ usual, anyFree: freePorts, folder })
  const programs = join(ENGINES_FOLDER, 'programs')
  const prepared = await recipe.prepare({ folder, programs, ports, report })

  const isWhole = before.length > 0 && before.every(isRunning)
  const wasRunning = isWhole && (await prepared.isReady())
  if (!wasRunning) report('starts')
  const processes = await launchMissing(engine, prepared, { before, ports, folder })
  const running = describe(recipe, prepared, { folder, processes })
  await updateRunning(set, (others) => ({ ...others, [engine]: running }))
  if (wasRunning) return { state: 'was running', running }
  try {
    await untilReady(prepared, processes)
  } catch (error) {
    const launched = processes.filter((each) => !before.includes(each))
    await Promise.all(launched.map((each) => stopProcess(each, recipe.stopSignal)))
    await updateRunning(set, ({ [engine]: _failed, ...others }) =>
      known === undefined || before.length === 0 ? others : { ...others, [engine]: known },
    )
    throw error
  }
  return { state: 'started', running }
}

/** What was asked for; what was not said is as it was before. */
function shapeOf(before: readonly RunningProcess[], { brokers, secure }: StartOptions) {
  const wasSecure = before[0]?.ports['secure'] !== undefined
  return { brokers: brokers ?? Math.max(before.length, 1), secure: secure ?? wasSecure }
}

/** Another number of brokers, or other listeners, would be another cluster. */
function expectPorts(
  engine: EngineName,
  before: readonly RunningProcess[],
  usual: readonly Ports[],
): void {
  const usesOf = (ports: readonly Ports[]) => ports.map((each) => Object.keys(each).join()).join()
  if (usesOf(before.map(({ ports }) => ports)) === usesOf(usual)) return
  throw new Error(
    `it runs already, with other options: \`npm run engines -- down ${engine}\` first`,
  )
}

interface Place {
  /** What ran until now, some of it dead. */
  readonly before: readonly RunningProcess[]
  readonly ports: readonly Ports[]
  readonly folder: string
}

async function launchMissing(
  engine: EngineName,
  { commands }: PreparedEngine,
  { before, ports, folder }: Place,
): Promise<RunningProcess[]> {
  return Promise.all(
    commands.map(async (command, index) => {
      const [was, own] = [before[index], ports[index]]
      if (was !== undefined && isRunning(was)) return was
      if (own === undefined) throw new Error(`${engine} has more processes than ports`)
      const name = commands.length === 1 ? engine : `${engine}-${index + 1}`
      return launch(command, { ports: own, log: join(folder, `${name}.log`) })
    }),
  )
}

function describe(
  { standIn }: EngineRecipe,
  { version, url, secureUrl }: PreparedEngine,
  place: Pick<RunningEngine, 'folder' | 'processes'>,
): RunningEngine {
  return {
    url,
    ...(secureUrl === undefined ? {} : { secureUrl }),
    version,
    ...(standIn === undefined ? {} : { standIn }),
    ...place,
  }
}
