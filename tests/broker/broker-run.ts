import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { loadConfig } from '#app/config.ts'
import type { Engines } from '#app/engines/engines.ts'
import { openEngines } from '#app/engines/open-engines.ts'
import { behind } from '#dev/processes/behind.ts'
import { FreshetProcess, runFreshet } from '#dev/processes/freshet-process.ts'
import { instanceSettings } from '#dev/processes/instance-settings.ts'
import { type OwnServers, startOwnServers } from '#dev/processes/own-servers.ts'
import { runningServers } from '#dev/running-servers.ts'
import { startServers } from '#dev/servers/start-servers.ts'
import { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import { FACTS } from '#processors/topologies.ts'
import { takeLedger } from '#serving/ledger/take-ledger.ts'
import { type Audit, audit } from '../crash/audit.ts'
import { Producers } from '../crash/producers.ts'
import { type Cluster, cause, INCIDENTS, type Incident } from './broker-rounds.ts'
import { OwnershipWatch } from './ownership-watch.ts'

const PROCESSORS = 3
const PAUSE_MS_MAX = 1_500
const SETTLES_WITHIN_MS = 600_000

export interface BrokerRunOptions {
  readonly rounds: number
  readonly seed: number
  /** Empty at first. */
  readonly folder: string
  /** Nodes of Kafka, of which one at a time is killed; default 1. */
  readonly brokers?: number
  /** Taken in turn; default all. */
  readonly incidents?: readonly Incident[]
  readonly onProgress?: (round: Round) => void
}

export interface Round {
  readonly incident: Incident
  /** From the incident until all that was in the log then was processed. */
  readonly recovered_ms: number
  /** How long a partition with work to do stood still, at most. */
  readonly standstill_ms: number
}

export interface BrokerSummary extends Audit {
  readonly seed: number
  readonly acknowledged: number
  readonly rounds: readonly Round[]
  readonly ledgers: number
  readonly unbalanced: number
  readonly seconds: number
}

/**
 * Three processors on a real broker under steady traffic: members die, halt and wake up as zombies, come and go, and the
 * broker itself is killed. At the end the tables are counted. @throws Error when the cluster does not recover
 */
export async function brokerRun(options: BrokerRunOptions): Promise<BrokerSummary> {
  const { rounds, seed, folder, brokers = 1, incidents = INCIDENTS, onProgress } = options
  const began = performance.now()
  await using stack = new AsyncDisposableStack()
  const serversFolder = join(folder, 'servers')
  const own = stack.use(await startOwnServers({ folder: serversFolder, brokers, wipe: true }))
  const { cluster, ingest, engines } = await startCluster(stack, { own, folder, seed })
  const producers = new Producers(seed, `broker-${seed}`, PAUSE_MS_MAX)
  producers.postTo(ingest.url)
  const watch = stack.use(new OwnershipWatch(engines.log))
  const counted = { ledgers: 0, unbalanced: 0 }
  const done: Round[] = []
  for (let i = 0; i < rounds; i++) {
    const incident = incidents[i % incidents.length] ?? 'kill'
    await sleep(1_000)
    watch.takeLongest()
    const startedAt = performance.now()
    await cause(incident, cluster)
    await caughtUp(engines)
    const recovered_ms = Math.round(performance.now() - startedAt)
    const round = { incident, recovered_ms, standstill_ms: watch.takeLongest() }
    await count(engines, counted)
    done.push(round)
    onProgress?.(round)
  }
  await producers.stop()
  await caughtUp(engines)
  await count(engines, counted)
  // Once they have drained nothing is written any more, panes of late events neither.
  await Promise.all(cluster.processors.map((each) => each[Symbol.asyncDispose]()))
  const { acknowledged } = producers
  return {
    seed,
    acknowledged: acknowledged.size,
    rounds: done,
    ...counted,
    ...(await audit(engines.tables, acknowledged)),
    seconds: Math.round((performance.now() - began) / 1_000),
  }
}

interface ClusterOptions {
  readonly own: OwnServers
  readonly folder: string
  readonly seed: number
}

async function startCluster(stack: AsyncDisposableStack, { own, folder, seed }: ClusterOptions) {
  const environment = { ...instanceSettings(own.servers), STORE_INTERVAL_MS: '1000' }
  await runFreshet({ args: ['init', '--data', folder], environment })
  const config = loadConfig({ data: folder }, environment)
  const logger = pino({ level: 'silent' })
  const engines = stack.use(await openEngines(['log', 'tables'], config, logger))
  const start = (...args: string[]) => FreshetProcess.start({ args, environment })
  const ingest = stack.use(await start('ingest', '--port', '0', '--data', join(folder, 'ingest')))
  const processors: FreshetProcess[] = []
  stack.defer(async () => {
    await Promise.all(processors.map((each) => each[Symbol.asyncDispose]()))
  })
  let started = 0
  const cluster: Cluster = {
    processors,
    random: new SeededRandom(seed),
    async join() {
      started += 1
      const data = join(folder, `process-${started}`)
      processors.push(await start('process', '--port', '0', '--data', data))
    },
    async restartBroker() {
      const serversFolder = join(folder, 'servers')
      const { processes = [] } = runningServers(serversFolder).kafka ?? {}
      const victim = cluster.random.pick(processes)
      process.kill(victim.pid, 'SIGKILL')
      const options = { folder: serversFolder, freePorts: true, brokers: processes.length }
      const [outcome] = await startServers(['kafka'], options)
      if (outcome !== undefined && 'reason' in outcome) throw new Error(outcome.reason)
    },
  }
  for (let i = 0; i < PROCESSORS; i++) await cluster.join()
  return { cluster, ingest, engines }
}

/** Resolves when everything that is in the log now is processed. */
async function caughtUp({ log }: Pick<Engines, 'log'>): Promise<void> {
  const deadline = performance.now() + SETTLES_WITHIN_MS
  const answered = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (performance.now() > deadline) throw error
        await sleep(200)
      }
    }
  }
  const bounds = await answered(() => log.bounds(FACTS.topics))
  for (;;) {
    const waiting = await answered(() => behind(log, FACTS, bounds))
    if (waiting.length === 0) return
    if (performance.now() > deadline)
      throw new Error(`not processed after ${SETTLES_WITHIN_MS} ms: ${JSON.stringify(waiting)}`)
    await sleep(100)
  }
}

async function count(
  { log, tables }: Pick<Engines, 'log' | 'tables'>,
  counted: { ledgers: number; unbalanced: number },
): Promise<void> {
  const ledger = await takeLedger({ log, tables, archiveGroup: FACTS.group }, Date.now())
  counted.ledgers += 1
  if (!ledger.balanced) counted.unbalanced += 1
}
