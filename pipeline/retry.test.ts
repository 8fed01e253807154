import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { BREAKER, RETRY_DELAY_MS, retryForever } from './retry.ts'

const MINUTE = 60_000
const silent = pino({ level: 'silent' })
const away = () => new EngineError('ENGINE_UNAVAILABLE', 'away')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An engine that comes back at a time, and how often it was asked until then. */
function engineAwayUntil(time: number) {
  const engine = { asked: 0, answeredAt: [] as number[] }
  const call = async () => {
    engine.asked += 1
    if (Date.now() < time) throw away()
    engine.answeredAt.push(Date.now())
  }
  return { engine, call }
}

test('an engine that is down is spared by many callers, and found soon when it is back', async () => {
  const back = Date.now() + 10 * MINUTE
  const { engine, call } = engineAwayUntil(back)
  const retry = retryForever('tables', silent)
  const calls = Array.from({ length: 20 }, () => retry(call))
  await vi.advanceTimersByTimeAsync(10 * MINUTE - 1)
  // Those that were under way when the breaker opened, and one at a time after that.
  expect(engine.asked).toBeLessThan(20 + BREAKER.failures + (10 * MINUTE) / BREAKER.halfOpenAfterMs)
  expect(engine.asked).toBeGreaterThan(
    (10 * MINUTE) / (BREAKER.halfOpenAfterMs + 2 * RETRY_DELAY_MS.maxDelay),
  )
  await vi.advanceTimersByTimeAsync(BREAKER.halfOpenAfterMs + 3 * RETRY_DELAY_MS.maxDelay)
  await Promise.all(calls)
  expect(engine.answeredAt).toHaveLength(20)
})

test('what will not succeed later is not tried again', async () => {
  let asked = 0
  const refused = new EngineError('ENGINE_REFUSED', 'no')
  const call = async () => {
    asked += 1
    throw refused
  }
  await expect(retryForever('tables', silent)(call)).rejects.toBe(refused)
  expect(asked).toBe(1)
})

test('waiting ends with the signal', async () => {
  const { call } = engineAwayUntil(Number.POSITIVE_INFINITY)
  const stop = new AbortController()
  const waiting = retryForever('tables', silent)(call, stop.signal).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(200)
  stop.abort()
  await vi.advanceTimersByTimeAsync(RETRY_DELAY_MS.maxDelay)
  expect(await waiting).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
})

test('whenever it ends, it ends with what the engine said, never with the words of the breaker', async () => {
  const call = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    throw away()
  }
  const retry = retryForever('tables', silent)
  const others = new AbortController()
  const first = retry(call, others.signal).catch(() => undefined)
  // The breaker is open by now; each of these waits for its turn while another one is tried, and is told to stop.
  await vi.advanceTimersByTimeAsync(MINUTE)
  for (let ms = 0; ms < 4_000; ms += 130) {
    const stop = new AbortController()
    const waiting = retry(call, stop.signal).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(ms)
    stop.abort(new Error('told to stop'))
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(['away', 'told to stop']).toContain(((await waiting) as Error).message)
  }
  others.abort()
  await vi.advanceTimersByTimeAsync(MINUTE)
  await first
})

test('an outage is said once when it begins and once when it is over, however long it is', async () => {
  const said: string[] = []
  const logger = pino(
    { base: null, timestamp: false },
    {
      write: (line: string) => {
        const { msg } = JSON.parse(line) as { readonly msg: string }
        said.push(msg)
      },
    },
  )
  const { call } = engineAwayUntil(Date.now() + MINUTE)
  const retry = retryForever('tables', logger)
  const calls = Array.from({ length: 5 }, () => retry(call))
  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  await Promise.all(calls)
  expect(said).toEqual(['engine does not answer; waiting for it', 'engine answers again'])
})
