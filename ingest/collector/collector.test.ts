import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import type { NewRecord } from '#engines/log/port.ts'
import { openEmbeddedRegistry } from '#engines/registry/embedded/embedded-registry.ts'
import { EventCodec } from '#pipeline/event-codec.ts'
import { keyOf, topicOf } from '#schemas/events.ts'
import { ProblemError } from '#schemas/http/problem.ts'
import { checkEvent } from './check-event.ts'
import { Collector } from './collector.ts'
import { anyEvent, spoiltEvent } from './event-arbitrary.fixture.ts'
import { splitBody } from './split-body.ts'

const clock = new ManualClock()
let folder: string
let codec: EventCodec
let appended: NewRecord[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-collector-'))
  codec = await EventCodec.open(await openEmbeddedRegistry({ file: join(folder, 'schemas.json') }))
})
afterAll(() => rm(folder, { recursive: true }))

/** Sends the values through JSON text, as HTTP does. */
async function collect(values: readonly unknown[], syntax: 'json' | 'ndjson' = 'json') {
  appended = []
  const body =
    syntax === 'json'
      ? JSON.stringify({ events: values })
      : values.map((value) => JSON.stringify(value)).join('\n')
  const collector = new Collector({
    log: {
      append: (records) => {
        appended.push(...records)
        return Promise.resolve([])
      },
    },
    codec,
    clock,
    eventBytesMax: 512 * 1024,
    newEventId: () => 'made-here',
  })
  return collector.collect(splitBody(Buffer.from(body), syntax, 5_000))
}

test('every valid event is appended, and reads back as what was sent', async () => {
  await fc.assert(
    fc.asyncProperty(anyEvent, async (sent) => {
      expect(await collect([sent])).toEqual({ accepted: 1, rejected: [] })
      const [record] = appended
      const decoded = codec.decode(record?.value ?? null)
      if (decoded.kind !== 'event') throw new Error(`the record is ${decoded.kind}`)
      const { event } = decoded
      const checked = checkEvent(sent)
      expect(event).toEqual({
        ...('event' in checked && checked.event),
        event_id: sent['event_id'] ?? 'made-here',
        event_time: new Date((sent['event_time'] as string) ?? clock.now()).getTime(),
        received_at: clock.now(),
      })
      const said = Object.entries(sent).filter(([name]) => !/_time$|_at$/.test(name))
      expect(event).toMatchObject(Object.fromEntries(said))
      expect(record).toMatchObject({ topic: topicOf(event.type), key: keyOf(event) })
    }),
  )
})

test('whatever is sent, accepted and rejected add up, and each index is named once', async () => {
  const anything = fc.oneof(anyEvent, spoiltEvent, fc.jsonValue())
  const values = fc.array(anything, { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(values, fc.constantFrom('json', 'ndjson'), async (sent, syntax) => {
      const { accepted, rejected } = await collect(sent, syntax)
      expect(accepted + rejected.length).toBe(sent.length)
      expect(appended).toHaveLength(accepted)
      const indexes = rejected.map(({ index }) => index)
      expect(indexes).toEqual([...new Set(indexes)].toSorted((one, other) => one - other))
    }),
  )
})

test('no bytes make it throw anything but a problem', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const body = Buffer.from(bytes)
      expect(thrownBy(() => splitBody(body, 'ndjson', 5_000))).toBeUndefined()
      expect(thrownBy(() => splitBody(body, 'json', 5_000))).toSatisfy(
        (error: unknown) => error === undefined || error instanceof ProblemError,
      )
    }),
  )
})

function thrownBy(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}

test('nothing is appended when nothing is valid', async () => {
  expect(await collect([{}, 1])).toMatchObject({ accepted: 0, rejected: [{}, {}] })
  expect(appended).toEqual([])
})
