import type { CrashPoint } from '#pipeline/crash-point.ts'
import type { Delivery } from '#pipeline/exactly-once-store.ts'

/** What the parent tells a child that is to die. */
export interface Orders {
  readonly folder: string
  readonly delivery: Delivery
  readonly snapshotIntervalMs: number
  /** Settings; default all engines embedded. */
  readonly environment?: Readonly<Record<string, string>>
  /** The n-th time that this point is passed, so many milliseconds later. */
  readonly dieAt?: { readonly point: CrashPoint; readonly pass: number; readonly delayMs: number }
}

/** What a child tells its parent: that it answers, and that it has processed all that an earlier one had left. */
export type FromChild = { readonly url: string } | { readonly takenOver: true }
