import type { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { TcpProxy } from './tcp-proxy.ts'

/** The servers behind proxies. */
export type Target = 'tables' | 'cache' | 'registry'

/** What happens between Freshet and a server for a while. */
export const FAULT_NAMES = [
  'down',
  'slow',
  'reset-after-sent',
  'half-answer',
  'half-request',
  'hung',
] as const
export type FaultName = (typeof FAULT_NAMES)[number]

export interface Fault {
  readonly target: Target
  readonly name: FaultName
  readonly ms: number
  /** Where a request or an answer is cut. */
  readonly bytes: number
}

/** Half of the faults are those of the tables, which hold what must be exact. */
const TABLES_SHARE = 0.5
const CUT_BYTES_MAX = 400
/** A connection that hangs is given up by the network after this. */
const HANGS_MS = 1_500

/** Every fault in turn, its target, length and moment at random. */
export function planFaults(
  count: number,
  random: SeededRandom,
  { targets, msMax }: { readonly targets: readonly Target[]; readonly msMax: number },
): readonly Fault[] {
  return Array.from({ length: count }, (_, i) => ({
    target: random.chance(TABLES_SHARE) ? 'tables' : random.pick(targets),
    name: FAULT_NAMES[i % FAULT_NAMES.length] ?? 'down',
    ms: Math.round(msMax / 3 + random.below((2 * msMax) / 3)),
    bytes: 1 + random.below(CUT_BYTES_MAX),
  }))
}

/** Lets it happen from now on, until the proxy is healed. */
export async function begin({ name, bytes }: Fault, proxy: TcpProxy): Promise<void> {
  switch (name) {
    case 'down':
      return proxy.down()
    case 'slow':
      proxy.set('upstream', { type: 'slicer', average_size: 2_000, size_variation: 1_500 })
      proxy.set(
        'downstream',
        { type: 'latency', latency: 250, jitter: 200 },
        { type: 'bandwidth', rate: 200 },
      )
      return
    case 'reset-after-sent':
      return proxy.set('downstream', { type: 'reset_peer', timeout: 0 })
    case 'half-answer':
      return proxy.set('downstream', { type: 'limit_data', bytes })
    case 'half-request':
      return proxy.set('upstream', { type: 'limit_data', bytes: bytes * 10 })
    case 'hung':
      return proxy.set('downstream', { type: 'timeout', timeout: HANGS_MS })
  }
}
