import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Unreceived } from '#datasets/to-events.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import { type Dataset, replayDataset, surveyDataset } from './dataset.ts'

const EVENTS = `event_id,type,user_id,session_id,item_id,ts,price,quantity,value
e1,view,u1,s1,p1,2026-01-01T10:00:00.000Z,,,
e2,purchase,u1,s1,p1,2026-01-01T10:05:00.000Z,2.50,2,
e3,purchase,u1,s1,p2,2026-01-01T10:05:00.000Z,1,,
e4,rating,u1,s1,p2,2026-01-01T11:00:00.000Z,,,5
`
const CATALOGUE = `item_id,title,category,price
p1,Teapot,kitchen|tea,2.50
p2,Cup,kitchen|tea,1
`
const newest = Date.UTC(2026, 0, 1, 10, 5)

describe('a data set', () => {
  let folder: string
  let dataset: Dataset
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freshet-dataset-'))
    const [events, catalogue] = [join(folder, 'events.csv'), join(folder, 'catalogue.csv')]
    await writeFile(events, EVENTS)
    await writeFile(catalogue, CATALOGUE)
    dataset = { events, catalogue, currency: 'GBP' }
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function replay(which: Dataset, shiftMs = 0) {
    const replayed: Unreceived<CommerceEvent>[] = []
    const survey = await surveyDataset(which)
    for await (const event of replayDataset(which, { survey, shiftMs })) replayed.push(event)
    return replayed
  }

  test('is counted before it is sent; ratings are no events', async () => {
    expect(await surveyDataset(dataset)).toEqual({ events: 4, products: 2, orders: 1, newest })
    const withoutCatalogue = await surveyDataset({ ...dataset, catalogue: undefined })
    expect(withoutCatalogue).toEqual({ events: 2, products: 0, orders: 1, newest })
  })

  test('comes as its catalogue, then its events in time order', async () => {
    const replayed = await replay(dataset)
    expect(replayed.map(({ type }) => type)).toEqual([
      'ProductUpserted',
      'ProductUpserted',
      'ProductViewed',
      'OrderPlaced',
    ])
    expect(replayed.at(-1)).toMatchObject({
      event_id: 'e2',
      lines: [
        { product_id: 'p1', quantity: 2, unit_price_minor: 250 },
        { product_id: 'p2', quantity: 1, unit_price_minor: 100 },
      ],
    })
  })

  test('a shift moves all times by the same amount and leaves the ids of events alone', async () => {
    const [still, shifted] = [await replay(dataset), await replay(dataset, 1_000)]
    expect(shifted.map(({ event_time }) => event_time)).toEqual(
      still.map(({ event_time }) => event_time + 1_000),
    )
    const ids = (events: typeof still) =>
      events.filter(({ type }) => type !== 'ProductUpserted').map(({ event_id }) => event_id)
    expect(ids(shifted)).toEqual(ids(still))
    expect(await replay(dataset, 1_000)).toEqual(shifted)
  })

  test('without events there is nothing to send', async () => {
    const empty = { ...dataset, events: join(folder, 'empty.csv') }
    await writeFile(empty.events, EVENTS.slice(0, EVENTS.indexOf('\n') + 1))
    expect(await surveyDataset(empty)).toMatchObject({ newest: undefined })
    expect(await replay(empty)).toEqual([])
  })
})
