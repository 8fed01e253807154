import { expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { EventClient } from '#ingest/client/event-client.ts'
import { surveyDataset } from '#ingest/replay/dataset.ts'
import { DEMO, loadDemo } from './demo.ts'
import { startCollector } from './http/collector.fixture.ts'

test('the demo arrives whole and shifted, and a load that was cut short goes on where it stopped', async () => {
  await using collector = await startCollector()
  const client = new EventClient({ url: collector.url, clock: systemClock })
  const survey = await surveyDataset(DEMO)
  expect(survey).toMatchObject({ events: 4_080, products: 2_565, orders: 1_515 })
  const now = collector.clock.now()
  const shiftMs = now - (survey.newest ?? 0)
  const options = { client, clock: systemClock, survey, shiftMs }

  const stop = new AbortController()
  const cut = loadDemo({ ...options, signal: stop.signal, onProgress: () => stop.abort('cut') })
  await expect(cut).rejects.toBe('cut')
  const arrived = new Set((await collector.stored()).map(({ event_id }) => event_id))
  expect(arrived.size).toBeGreaterThan(0)
  expect(arrived.size).toBeLessThan(survey.events)

  const done: number[] = []
  const rest = await loadDemo({
    ...options,
    skip: (id) => arrived.has(id),
    onProgress: (count) => done.push(count),
  })
  expect(rest).toEqual({
    sent: survey.events - arrived.size,
    acknowledged: survey.events - arrived.size,
    rejected: 0,
  })
  expect(done.at(-1)).toBe(survey.events)

  const stored = await collector.stored()
  expect(new Set(stored.map(({ event_id }) => event_id)).size).toBe(stored.length)
  expect(stored).toHaveLength(survey.events)
  expect(Math.max(...stored.map(({ event_time }) => event_time))).toBe(now)
  const lines = stored.flatMap((event) => (event.type === 'OrderPlaced' ? event.lines : []))
  expect(lines).toHaveLength(37_113)
})
