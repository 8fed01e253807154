import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Ports,
  type RunningProcess,
  type RunningServer,
  runningServers,
  SERVERS_FOLDER,
  type ServerName,
} from '../running-servers.ts'
import { acquireLock } from './acquire-lock.ts'
import { choosePorts } from './choose-ports.ts'
import { launch } from './launch.ts'
import { isRunning } from './process-identity.ts'
import { RECIPES } from './recipes.ts'
import type { PreparedServer, Report, ServerRecipe, ServerShape } from './server-recipe.ts'
import { stopProcess } from './stop-process.ts'
import { untilReady } from './until-ready.ts'
import { updateRunning } from './update-running.ts'

export interface StartOptions extends Partial<ServerShape> {
  /** Of this set of servers; default `.servers`. Tests that restart servers use their own set. */
  readonly folder?: string
  /** Instead of the default ports, which may be taken. */
  readonly freePorts?: boolean
  readonly report?: (server: ServerName, ...said: Parameters<Report>) => void
}

interface Started {
  readonly state: 'started' | 'was running'
  readonly running: RunningServer
}

/** Starts those processes of a server that are not running. @throws ServerMissing, Error */
export async function startServer(server: ServerName, options: StartOptions): Promise<Started> {
  const { folder: set = SERVERS_FOLDER, freePorts = false } = options
  const report: Report = (...said) => options.report?.(server, ...said)
  const recipe = RECIPES[server]
  const folder = join(set, server)
  mkdirSync(folder, { recursive: true })
  using _ = await acquireLock(join(set, `${server}.lock`), () =>
    report('waits for another command that starts or stops it'),
  )
  const known = runningServers(set)[server]
  const before = known?.processes.some(isRunning) ? known.processes : []
  const usual = recipe.usualPorts(shapeOf(before, options))
  if (before.length > 0) expectPorts(server, before, usual)
  const ports =
    before.length > 0
      ? before.map((each) => each.ports)
      : await choosePorts({ usual, anyFree: freePorts, folder })
  const programs = join(SERVERS_FOLDER, 'programs')
  const prepared = await recipe.prepare({ folder, programs, ports, report })

  const isWhole = before.length > 0 && before.every(isRunning)
  const wasRunning = isWhole && (await prepared.isReady())
  if (!wasRunning) report('starts')
  const processes = await launchMissing(server, prepared, { before, ports, folder })
  const running = describe(recipe, prepared, { folder, processes })
  await updateRunning(set, (others) => ({ ...others, [server]: running }))
  if (wasRunning) return { state: 'was running', running }
  try {
    await untilReady(prepared, processes)
  } catch (error) {
    const launched = processes.filter((each) => !before.includes(each))
    await Promise.all(launched.map((each) => stopProcess(each, recipe.stopSignal)))
    await updateRunning(set, ({ [server]: _failed, ...others }) =>
      known === undefined || before.length === 0 ? others : { ...others, [server]: known },
    )
    throw error
  }
  return { state: 'started', running }
}

/** The options, with those left out as they were before. */
function shapeOf(before: readonly RunningProcess[], { brokers, secure }: StartOptions) {
  const wasSecure = before[0]?.ports['secure'] !== undefined
  return { brokers: brokers ?? Math.max(before.length, 1), secure: secure ?? wasSecure }
}

/** A running server keeps its number of brokers and its listeners. */
function expectPorts(
  server: ServerName,
  before: readonly RunningProcess[],
  usual: readonly Ports[],
): void {
  const usesOf = (ports: readonly Ports[]) => ports.map((each) => Object.keys(each).join()).join()
  if (usesOf(before.map(({ ports }) => ports)) === usesOf(usual)) return
  throw new Error(
    `it runs already, with other options: \`npm run servers -- down ${server}\` first`,
  )
}

interface Place {
  /** The recorded processes, some of which may have died. */
  readonly before: readonly RunningProcess[]
  readonly ports: readonly Ports[]
  readonly folder: string
}

async function launchMissing(
  server: ServerName,
  { commands }: PreparedServer,
  { before, ports, folder }: Place,
): Promise<RunningProcess[]> {
  return Promise.all(
    commands.map(async (command, index) => {
      const [was, own] = [before[index], ports[index]]
      if (was !== undefined && isRunning(was)) return was
      if (own === undefined) throw new Error(`${server} has more processes than ports`)
      const name = commands.length === 1 ? server : `${server}-${index + 1}`
      return launch(command, { ports: own, log: join(folder, `${name}.log`) })
    }),
  )
}

function describe(
  { standIn }: ServerRecipe,
  { version, url, secureUrl }: PreparedServer,
  place: Pick<RunningServer, 'folder' | 'processes'>,
): RunningServer {
  return {
    url,
    ...(secureUrl === undefined ? {} : { secureUrl }),
    version,
    ...(standIn === undefined ? {} : { standIn }),
    ...place,
  }
}
