import { expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { LiveHub, type Publish } from './live-hub.ts'

function hubOver(
  feed: (publish: Publish, signal: AbortSignal) => Promise<void>,
  clock: ManualClock,
) {
  const limits = { listenersMax: 2, listenersPerAddressMax: 2, eventsKept: 10, heartbeatMs: 15_000 }
  return new LiveHub({ clock, feed, limits })
}

/** Publishes its own run and tick every second. */
function ticking(clock: ManualClock) {
  let runs = 0
  return async (publish: Publish, signal: AbortSignal) => {
    const run = ++runs
    for (let tick = 1; !signal.aborted; tick++) {
      publish('tick', { run, tick })
      await clock.sleep(1_000, signal)
    }
  }
}

class Recorder {
  readonly address: string
  constructor(address = '10.0.0.1') {
    this.address = address
  }
  readonly texts: string[] = []
  ended = false
  keepsUp = true
  write(text: string) {
    this.texts.push(text)
    return this.keepsUp
  }
  end() {
    this.ended = true
  }
  get ticks() {
    return this.texts.flatMap((text) => /data: (.*)\n/.exec(text)?.[1] ?? [])
  }
}

test('one feed serves all listeners, stops without any and begins with fresh events', async () => {
  const clock = new ManualClock()
  await using hub = hubOver(ticking(clock), clock)
  const [first, second] = [new Recorder(), new Recorder()]
  const removeFirst = hub.add(first)
  await clock.advance(1_000)
  const removeSecond = hub.add(second)
  await clock.advance(1_000)
  expect(first.ticks).toEqual(['{"run":1,"tick":1}', '{"run":1,"tick":2}', '{"run":1,"tick":3}'])
  expect(second.ticks).toEqual(['{"run":1,"tick":2}', '{"run":1,"tick":3}'])
  removeFirst()
  removeSecond()
  await clock.advance(5_000)

  const third = new Recorder()
  hub.add(third)
  await clock.advance(0)
  expect(third.ticks).toEqual(['{"run":2,"tick":1}'])
})

test('a listener that comes back with an id gets only what came after it', async () => {
  const clock = new ManualClock()
  await using hub = hubOver(ticking(clock), clock)
  const first = new Recorder()
  hub.add(first)
  await clock.advance(3_000)
  const ids = first.texts.map((text) => Number(/^id: (\d+)\n/.exec(text)?.[1]))
  expect(ids).toEqual([0, 1, 2, 3].map((step) => (ids[0] ?? 0) + step))
  const back = new Recorder()
  hub.add(back, ids[1])
  expect(back.ticks).toEqual(['{"run":1,"tick":3}', '{"run":1,"tick":4}'])
})

test('a quiet stream has a heartbeat every 15 s', async () => {
  const clock = new ManualClock()
  const quiet = (_: Publish, signal: AbortSignal) => clock.sleep(3_600_000, signal)
  await using hub = hubOver(quiet, clock)
  const listener = new Recorder()
  hub.add(listener)
  await clock.advance(45_000)
  expect(listener.texts).toEqual(Array(3).fill(': still here\n\n'))
})

test('it is full at its limit, and after it was closed', async () => {
  const clock = new ManualClock()
  const hub = hubOver(ticking(clock), clock)
  const remove = hub.add(new Recorder())
  expect(hub.isFull).toBe(false)
  hub.add(new Recorder())
  expect(hub.isFull).toBe(true)
  remove()
  expect(hub.isFull).toBe(false)
  await hub[Symbol.asyncDispose]()
  expect(hub.isFull).toBe(true)
})

test('one address may listen up to its limit, and again when it stops; others are not affected', async () => {
  const clock = new ManualClock()
  await using hub = hubOver(ticking(clock), clock)
  expect(hub.limitOf('10.0.0.1')).toBeUndefined()
  hub.add(new Recorder('10.0.0.1'))
  const remove = hub.add(new Recorder('10.0.0.1'))
  expect([hub.limitOf('10.0.0.1'), hub.limitOf('10.0.0.2')]).toEqual([2, undefined])
  remove()
  expect(hub.limitOf('10.0.0.1')).toBeUndefined()
})

test('closing ends everybody and waits until nothing is read', async () => {
  const clock = new ManualClock()
  let reading = false
  const hub = hubOver(async (_, signal) => {
    reading = true
    await clock.sleep(1_000, signal)
    await Promise.resolve()
    reading = false
  }, clock)
  const listener = new Recorder()
  hub.add(listener)
  await clock.advance(0)
  expect(reading).toBe(true)
  await hub[Symbol.asyncDispose]()
  expect(reading).toBe(false)
  expect(listener.ended).toBe(true)
  expect(hub.listeners).toBe(0)
})

test('a listener that does not keep up is disconnected, the others stay', async () => {
  const clock = new ManualClock()
  await using hub = hubOver(ticking(clock), clock)
  const [slow, quick] = [new Recorder(), new Recorder()]
  hub.add(slow)
  hub.add(quick)
  slow.keepsUp = false
  await clock.advance(1_000)
  expect(slow.ended).toBe(true)
  expect(quick.ended).toBe(false)
})
