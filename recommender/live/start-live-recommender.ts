import type { Logger } from 'pino'
import { v7 } from 'uuid'
import type { Clock } from '#engines/clock/port.ts'
import type { Log } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { TextSimilar } from '../candidates/text-similar.ts'
import type { RecommenderLimits } from '../limits.ts'
import { Recommender } from '../recommender.ts'
import type { RecommenderSettings } from '../settings.ts'
import { learnFromTables } from './learn-from-tables.ts'
import { LogTail } from './log-tail.ts'
import { LEARNED_TOPICS, positionsAfterTables, type TableGroup } from './positions.ts'

/** How many of the newest events in the tables a start learns from, unless told otherwise. */
export const LOOKBACK_EVENTS = 1_000_000

export interface LiveRecommenderOptions {
  readonly tables: Tables
  readonly log: Log
  readonly codec: EventCodec
  readonly vectors: Vectors
  readonly clock: Clock
  readonly logger: Logger
  /** The consumer groups that fill the tables, so that nothing between tables and log is missed. */
  readonly tableGroups?: readonly TableGroup[]
  readonly lookbackEvents?: number
  readonly limits?: Partial<RecommenderLimits>
  readonly settings?: RecommenderSettings
  readonly newId?: () => string
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Aborts a start. */
  readonly signal?: AbortSignal
}

/** A recommender that keeps learning from the log. Disposing stops the learning; lists can still be asked for. */
export interface LiveRecommender extends AsyncDisposable {
  readonly recommender: Recommender
  /** Rejects when the learning cannot go on; never resolves. */
  readonly failed: Promise<never>
  /** How many records of the log it has not learned yet. @throws EngineError */
  lag(): Promise<number>
}

/**
 * Learns what the tables hold, then follows the log from there; resolves when the tables are learned.
 * @throws EngineError; the signal's reason
 */
export async function startLiveRecommender(
  options: LiveRecommenderOptions,
): Promise<LiveRecommender> {
  const { tables, log, codec, clock, logger } = options
  const recommender = new Recommender({
    clock,
    newId: options.newId ?? v7,
    random: options.random,
    text: new TextSimilar(options.vectors, logger),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  })
  const positions = await positionsAfterTables(tables, log, options.tableGroups ?? [])
  await learnFromTables(recommender, tables, {
    lookbackEvents: options.lookbackEvents ?? LOOKBACK_EVENTS,
    signal: options.signal ?? new AbortController().signal,
  })
  const learn = recommender.learn.bind(recommender)
  const tail = new LogTail({ log, codec, clock, logger, positions, learn })
  const membership = await log.join({
    group: null,
    topics: LEARNED_TOPICS,
    work: (lease) => tail.follow(lease),
  })
  return {
    recommender,
    failed: membership.failed,
    async lag() {
      const bounds = await log.bounds(LEARNED_TOPICS)
      return bounds.reduce((records, { topic, partition, first, end }) => {
        return records + Math.max(0, end - (positions.get(topic, partition) ?? first))
      }, 0)
    },
    [Symbol.asyncDispose]: () => membership[Symbol.asyncDispose](),
  }
}
