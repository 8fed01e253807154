import { readDatasetCatalogue } from '#datasets/read-dataset-catalogue.ts'
import { readDatasetEvents } from '#datasets/read-dataset-events.ts'
import { toEvents, type Unreceived } from '#datasets/to-events.ts'
import { toProductEvents } from '#datasets/to-product-events.ts'
import type { CommerceEvent } from '#schemas/events.ts'

/** Files in the shared CSV schema. */
export interface Dataset {
  readonly events: string
  readonly catalogue: string | undefined
  /** ISO 4217; what the files' prices are in. */
  readonly currency: string
}

/** What a data set holds, counted before anything of it is sent. */
export interface DatasetSurvey {
  /** Events of all types, products included. */
  readonly events: number
  readonly products: number
  readonly orders: number
  /** Event time of the newest, UTC milliseconds; undefined without events. */
  readonly newest: number | undefined
}

/** Reads the whole data set once: a file that cannot be loaded fails here, before half of it is. @throws DatasetError */
export async function surveyDataset(dataset: Dataset): Promise<DatasetSurvey> {
  let products = 0
  for await (const _ of productsOf(dataset, 0)) products += 1
  let [events, orders] = [0, 0]
  let newest: number | undefined
  for await (const event of eventsOf(dataset)) {
    events += 1
    if (event.type === 'OrderPlaced') orders += 1
    newest = Math.max(newest ?? 0, event.event_time)
  }
  return { events: products + events, products, orders, newest }
}

export interface ReplayOptions {
  readonly survey: DatasetSurvey
  /** Milliseconds added to every event time. */
  readonly shiftMs: number
}

/**
 * The catalogue, as it stood at the newest event, then the events in time order. Ids are the same each time;
 * those of products depend on their time too, and so on the shift. @throws DatasetError
 */
export async function* replayDataset(
  dataset: Dataset,
  { survey, shiftMs }: ReplayOptions,
): AsyncGenerator<Unreceived<CommerceEvent>> {
  if (survey.newest === undefined) return
  yield* productsOf(dataset, survey.newest + shiftMs)
  for await (const event of eventsOf(dataset))
    yield { ...event, event_time: event.event_time + shiftMs }
}

async function* productsOf({ catalogue, currency }: Dataset, eventTime: number) {
  if (catalogue === undefined) return
  yield* toProductEvents(readDatasetCatalogue(catalogue), { currency, eventTime })
}

function eventsOf({ events, currency }: Dataset) {
  return toEvents(readDatasetEvents([events]), { currency })
}
