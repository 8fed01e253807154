import type { Cache } from '#engines/cache/port.ts'
import type { Clock } from '#engines/clock/port.ts'
import { EngineError } from '#engines/errors.ts'

const KEY = 'reindex/lock'
/** A run that was killed keeps the next one out for at most this long. */
export const LOCK_MS = 30_000
const RENEW_MS = 10_000

/** Another run is at work, or died a moment ago. */
export class ReindexUnderWay extends EngineError {
  constructor() {
    super(
      'ENGINE_REFUSED',
      `another reindex is at work, or died less than ${LOCK_MS / 1_000} s ago: wait for it, then run this again`,
      { retriable: true },
    )
  }
}

/**
 * Keeps a second run out while this one lives. Advisory only: a run that was suspended for longer than the lock lives may
 * overlap with another; then both write the same points, and the first swap stands.
 * @throws ReindexUnderWay when another run is at work
 */
export async function takeRunLock(cache: Cache, clock: Clock): Promise<AsyncDisposable> {
  const holders = await cache.increment(KEY, 1, LOCK_MS)
  if (holders > 1) throw new ReindexUnderWay()
  const released = new AbortController()
  const renewing = renew(cache, clock, released.signal)
  return {
    async [Symbol.asyncDispose]() {
      released.abort()
      await renewing
      await cache.delete(KEY)
    },
  }
}

async function renew(cache: Cache, clock: Clock, released: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(RENEW_MS, released)
    if (released.aborted) return
    // A cache that is away for a moment costs the lock, not the run.
    await cache.set(KEY, '1', LOCK_MS).catch(() => undefined)
  }
}
