import type { SeededRandom } from '#ingest/simulator/seeded-random.ts'
import type { CrashPoint } from '#pipeline/crash-point.ts'
import type { Orders } from './crash-orders.ts'

/** Where a process is killed: by itself at a point of the code, or by its parent while it does something. */
export type KillPoint = CrashPoint | 'mid-append' | 'at-random' | 'starting'

export const KILL_POINTS = [
  'after-intent',
  'mid-insert',
  'after-insert',
  'mid-snapshot',
  'mid-append',
  'at-random',
  'starting',
] as const satisfies readonly KillPoint[]

/** One kill. `delayMs` counts from the point, from the posts in flight, from being ready, or from the start. */
export interface Kill {
  readonly point: KillPoint
  readonly pass: number
  readonly delayMs: number
}

/** How many passes of a point a process may live to see, and how long after one it may live at most. */
const SPREAD: Readonly<Record<KillPoint, { readonly passes: number; readonly delayMs: number }>> = {
  'after-intent': { passes: 16, delayMs: 0 },
  'mid-insert': { passes: 16, delayMs: 25 },
  'after-insert': { passes: 16, delayMs: 0 },
  'mid-snapshot': { passes: 8, delayMs: 4 },
  'mid-append': { passes: 1, delayMs: 12 },
  'at-random': { passes: 1, delayMs: 1_500 },
  starting: { passes: 1, delayMs: 1_500 },
}

/** The kills of a run: every point in turn, the moment at random. */
export function planKills(
  count: number,
  points: readonly KillPoint[],
  random: SeededRandom,
): readonly Kill[] {
  return Array.from({ length: count }, (_, i) => {
    const point = points[i % points.length] ?? 'at-random'
    const { passes, delayMs } = SPREAD[point]
    return { point, pass: 1 + random.below(passes), delayMs: random.below(delayMs + 1) }
  })
}

/** What the child has to know of it. */
export function dieAt({ point, pass, delayMs }: Kill): Orders['dieAt'] {
  switch (point) {
    case 'mid-append':
    case 'at-random':
    case 'starting':
      return undefined
    default:
      return { point, pass, delayMs }
  }
}
