import { expect, test } from 'vitest'
import { clockContract } from './contract.ts'
import { ManualClock } from './manual-clock.ts'

clockContract('the manual clock', () => {
  const clock = new ManualClock()
  return { clock, pass: (ms) => clock.advance(ms) }
})

test('time stands still until it is moved', async () => {
  const clock = new ManualClock(1_000)
  let woken = false
  void clock.sleep(10).then(() => {
    woken = true
  })
  await clock.advance(9)
  expect(clock.now()).toBe(1_009)
  expect(woken).toBe(false)
  await clock.advance(1)
  expect(woken).toBe(true)
})

test('a sleeper that wakes sees the time it asked for and may sleep again within the same stretch', async () => {
  const clock = new ManualClock(0)
  const ticks: number[] = []
  const ticking = (async () => {
    for (let tick = 0; tick < 3; tick++) {
      await clock.sleep(100)
      ticks.push(clock.now())
    }
  })()
  await clock.advance(1_000)
  await ticking
  expect(ticks).toEqual([100, 200, 300])
  expect(clock.now()).toBe(1_000)
})

test('sleeps that end together end in the order of the calls', async () => {
  const clock = new ManualClock()
  const woken: string[] = []
  const sleep = async (name: string) => {
    await clock.sleep(50)
    woken.push(name)
  }
  const sleeps = [sleep('first'), sleep('second'), sleep('third')]
  await clock.advance(50)
  await Promise.all(sleeps)
  expect(woken).toEqual(['first', 'second', 'third'])
})
