import { setTimeout as sleep } from 'node:timers/promises'
import type { FreshetProcess } from '#dev/processes/freshet-process.ts'
import type { SeededRandom } from '#ingest/simulator/seeded-random.ts'

/** What happens to the cluster in one round. */
export const INCIDENTS = ['kill', 'zombie', 'leave', 'join', 'broker-restart'] as const
export type Incident = (typeof INCIDENTS)[number]

/** The group's members, and what can be done to them and their broker. */
export interface Cluster {
  readonly processors: FreshetProcess[]
  readonly random: SeededRandom
  /** One more member of the group. */
  readonly join: () => Promise<void>
  /** Kills a broker without warning and starts it again on its data. */
  readonly restartBroker: () => Promise<void>
}

/** Longer than the session: the group has gone on without the member when it wakes up. */
export const HALT_MS = 20_000

const ACTIONS: Readonly<Record<Incident, (cluster: Cluster) => Promise<void>>> = {
  async kill(cluster) {
    const victim = take(cluster)
    victim.send('SIGKILL')
    await victim.ended()
    await cluster.join()
  },
  async zombie({ processors, random }) {
    const victim = random.pick(processors)
    victim.send('SIGSTOP')
    await sleep(HALT_MS)
    victim.send('SIGCONT')
  },
  async leave(cluster) {
    await take(cluster)[Symbol.asyncDispose]()
    await cluster.join()
  },
  async join(cluster) {
    await cluster.join()
    await sleep(3_000)
    await take(cluster)[Symbol.asyncDispose]()
  },
  'broker-restart': ({ restartBroker }) => restartBroker(),
}

export function cause(incident: Incident, cluster: Cluster): Promise<void> {
  return ACTIONS[incident](cluster)
}

function take({ processors, random }: Cluster): FreshetProcess {
  const [victim] = processors.splice(random.below(processors.length), 1)
  if (victim === undefined) throw new Error('no processor is left')
  return victim
}
