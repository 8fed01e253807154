import type { Topology } from '#pipeline/processor.ts'
import { TOPIC_NAMES } from '#schemas/topics.ts'
import { archive } from './archive.ts'
import { catalogueProjection } from './catalogue-projection.ts'
import { orderMinutes } from './order-minutes.ts'
import { productMinutes } from './product-minutes.ts'

/** Every event stored once, and counted by minute. */
export const FACTS: Topology = {
  group: 'freshet.facts',
  version: '1',
  topics: TOPIC_NAMES,
  record: archive,
  windows: [orderMinutes, productMinutes],
  projections: [],
}

/** The catalogue as it is now. Its own group, so that slow embedding never delays a fact. */
const PRODUCTS: Topology = {
  group: 'freshet.products',
  version: '1',
  topics: ['commerce.products'],
  windows: [],
  projections: [catalogueProjection],
}

export const TOPOLOGIES = [FACTS, PRODUCTS] as const
