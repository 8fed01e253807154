/**
 * How much the recommender remembers. The defaults are for a million people and a hundred thousand products and come to
 * about 0.8 GB when all of it is in use; the system hands the memory out only as it fills.
 */
export interface RecommenderLimits {
  /** Distinct products; events on further ones are not learned from. */
  readonly items: number
  /** People remembered, those seen last; about 0.35 kB each. */
  readonly people: number
  /** Newest distinct items remembered of each person. */
  readonly recentPerPerson: number
  /** Newest purchases remembered of all people together, 8 bytes each. */
  readonly purchases: number
  /** Newest clicks that session neighbours are found among, 16 bytes each. */
  readonly clicks: number
  /** Newest sessions among them, 35 bytes each. */
  readonly sessions: number
  /** Sessions that may still grow; the one without events for longest is closed first. */
  readonly openSessions: number
  /** Next items remembered of each item, 8 bytes each. */
  readonly transitionsPerItem: number
  /** Items remembered as going together with each item, 8 bytes each. */
  readonly companionsPerItem: number
  /** Categories whose popular items are ranked. */
  readonly categories: number
  /** Event ids by which repeated deliveries are told. */
  readonly eventIds: number
}

export const DEFAULT_LIMITS: RecommenderLimits = {
  items: 131_072,
  people: 1_000_000,
  recentPerPerson: 24,
  purchases: 8_388_608,
  clicks: 8_388_608,
  sessions: 1_048_576,
  openSessions: 100_000,
  transitionsPerItem: 50,
  companionsPerItem: 100,
  categories: 10_000,
  eventIds: 131_072,
}
