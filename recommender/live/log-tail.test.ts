import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { EngineError } from '#engines/errors.ts'
import type { LogRecord } from '#engines/log/port.ts'
import type { Decoded, EventCodec } from '#pipeline/event-codec.ts'
import type { RetryingLease } from '#pipeline/retrying.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { view } from '../events.fixture.ts'
import { LogTail } from './log-tail.ts'
import { LEARNED_TOPICS, Positions } from './positions.ts'

const TOPIC = 'commerce.activity'

interface Scene {
  /** The oldest offset kept. */
  readonly first?: number
  /** Where the tables say to read on. */
  readonly start?: number
  /** Values of a schema that is known after so many attempts. */
  readonly unknown?: Map<string, number>
}

/** A partition that holds these values, and a tail that follows it until it has read all. */
function tailOf(
  values: readonly (string | null)[],
  { first = 0, start, unknown = new Map() }: Scene = {},
) {
  const learned: string[] = []
  const asked: number[] = []
  const warnings: string[] = []
  const stopped = new AbortController()
  const positions = new Positions()
  if (start !== undefined) positions.set(TOPIC, 0, start)
  const records = values.map((value, at): LogRecord => {
    const bytes = value === null ? null : Buffer.from(value)
    return { offset: first + at, key: 'ann', value: bytes, headers: {}, timestamp: 0 }
  })
  const end = first + values.length
  const lease: RetryingLease = {
    isRetrying: true,
    topic: TOPIC,
    partition: 0,
    epoch: 1,
    signal: stopped.signal,
    committed: { topic: TOPIC, partition: 0, offset: first, metadata: '' },
    async fetch(offset) {
      asked.push(offset)
      if (offset < first || offset > end) throw new EngineError('OFFSET_OUT_OF_RANGE', 'not kept')
      // Two records at once, so that positions move in between.
      const found = records.filter((record) => record.offset >= offset).slice(0, 2)
      if (found.length === 0) stopped.abort()
      return found
    },
    commit: () => Promise.reject(new Error('a tail commits nothing')),
  }
  const codec = {
    decode(value: Uint8Array): Decoded {
      const text = Buffer.from(value).toString()
      if (text === 'nonsense') return { kind: 'undecodable', reason: 'nonsense' }
      const attempts = unknown.get(text)
      if (attempts !== undefined && attempts > 0) return { kind: 'unknown-schema', schemaId: 7 }
      return { kind: 'event', event: { ...view('ann', text), event_id: text } }
    },
    async learn() {
      for (const [text, attempts] of unknown) {
        unknown.set(text, attempts - 1)
        if (attempts > 1) throw new EngineError('ENGINE_UNAVAILABLE', 'no such schema')
      }
    },
  } as Pick<EventCodec, 'decode' | 'learn'> as EventCodec
  const clock = new ManualClock()
  const write = (line: string) => warnings.push((JSON.parse(line) as { msg: string }).msg)
  const tail = new LogTail({
    log: { bounds: async () => [{ topic: TOPIC, partition: 0, first, end }] },
    codec,
    clock: { now: () => clock.now(), sleep: () => Promise.resolve() },
    logger: pino({}, { write }),
    positions,
    learn: (event: CommerceEvent) => learned.push(event.event_id),
  })
  return { follow: () => tail.follow(lease), learned, asked, warnings, positions }
}

describe('the tail of the log', () => {
  test('reads a partition that it knows nothing of from its oldest record, each record once', async () => {
    const tail = tailOf(['a', 'b', 'c'], { first: 40 })
    await tail.follow()
    expect(tail.learned).toEqual(['a', 'b', 'c'])
    expect(tail.positions.get(TOPIC, 0)).toBe(43)
    expect(tail.asked).toEqual([40, 42, 43])
  })

  test('reads on from the position that the tables gave', async () => {
    const tail = tailOf(['a', 'b', 'c'], { first: 40, start: 42 })
    await tail.follow()
    expect(tail.learned).toEqual(['c'])
  })

  test('skips what cannot be read: tombstones and invalid bytes teach nothing', async () => {
    const tail = tailOf(['a', null, 'nonsense', 'b'])
    await tail.follow()
    expect(tail.learned).toEqual(['a', 'b'])
    expect(tail.positions.get(TOPIC, 0)).toBe(4)
  })

  test.each([
    ['no longer has', 3],
    ['does not have yet, because it was made anew', 900],
  ])('starts over where the log %s the offset', async (_, start) => {
    const tail = tailOf(['a', 'b'], { first: 40, start })
    await tail.follow()
    expect(tail.learned).toEqual(['a', 'b'])
    expect(tail.positions.get(TOPIC, 0)).toBe(42)
    expect(tail.warnings).toEqual(['the log has no such offset: starting over'])
  })

  test('waits for a schema that is being registered', async () => {
    const tail = tailOf(['a', 'b'], { unknown: new Map([['a', 3]]) })
    await tail.follow()
    expect(tail.learned).toEqual(['a', 'b'])
    expect(tail.warnings).toEqual([])
  })

  test('passes over a schema that nobody registers, and says so once', async () => {
    const unknown = new Map(['a', 'b', 'c'].map((text) => [text, 1_000]))
    const tail = tailOf(['a', 'b', 'c', 'd'], { unknown })
    await tail.follow()
    expect(tail.learned).toEqual(['d'])
    expect(tail.warnings).toEqual([
      'passing over records of a schema that the registry does not know',
    ])
  })

  test('ends with a failure that is no engine’s', async () => {
    const tail = tailOf(['a'])
    tail.learned.push = vi.fn<() => number>(() => {
      throw new TypeError('a bug')
    })
    await expect(tail.follow()).rejects.toThrow('a bug')
    expect(tail.positions.get(TOPIC, 0)).toBeUndefined()
  })
})

test('every topic that carries what is learned is followed', () => {
  expect(LEARNED_TOPICS.toSorted()).toEqual([
    'commerce.activity',
    'commerce.orders',
    'commerce.products',
    'commerce.users',
  ])
})
