import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { Clock } from './port.ts'

export interface ClockUnderTest {
  readonly clock: Clock
  /** Lets at least this much time pass. */
  readonly pass: (ms: number) => Promise<void>
}

/** What every clock must do. */
export function clockContract(name: string, open: () => ClockUnderTest): void {
  describe(`${name} keeps the clock contract`, () => {
    test('time goes on, in milliseconds of this century', async () => {
      const { clock, pass } = open()
      const before = clock.now()
      expect(before).toBeGreaterThan(Date.UTC(2020, 0, 1))
      expect(before).toBeLessThan(Date.UTC(2100, 0, 1))
      await pass(20)
      expect(clock.now()).toBeGreaterThanOrEqual(before + 20)
    })

    test('a sleep ends when its time is over, shorter ones first', async () => {
      const { clock, pass } = open()
      const woken: number[] = []
      const sleeps = [90, 30, 0].map((ms) => clock.sleep(ms).then(() => woken.push(ms)))
      await pass(200)
      await Promise.all(sleeps)
      expect(woken).toEqual([0, 30, 90])
    })

    test('a sleep of no or less than no time ends', async () => {
      const { clock } = open()
      await expect(Promise.all([clock.sleep(0), clock.sleep(-5)])).resolves.toHaveLength(2)
    })

    test('an abort ends a sleep without rejecting, however long it is', async () => {
      const { clock } = open()
      const abort = new AbortController()
      const sleeps = [1e6, 1e12].map((ms) => clock.sleep(ms, abort.signal))
      abort.abort()
      await expect(Promise.all(sleeps)).resolves.toHaveLength(2)
    })

    test('a sleep with an aborted signal ends at once', async () => {
      const { clock } = open()
      await expect(clock.sleep(1e12, AbortSignal.abort())).resolves.toBeUndefined()
    })

    test('a sleep of many years does not end at once', async () => {
      const { clock, pass } = open()
      const abort = new AbortController()
      let woken = false
      const sleep = clock.sleep(1e12, abort.signal).then(() => {
        woken = true
      })
      await pass(20)
      expect(woken).toBe(false)
      abort.abort()
      await sleep
    })

    test('a finished sleep leaves nothing on its signal', async () => {
      const { clock, pass } = open()
      const { signal } = new AbortController()
      const sleep = clock.sleep(10, signal)
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
      await pass(20)
      await sleep
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    })
  })
}
