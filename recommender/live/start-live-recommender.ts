import type { Logger } from 'pino'
import { v7 } from 'uuid'
import type { Clock } from '#engines/clock/port.ts'
import { unavailable } from '#engines/errors.ts'
import type { Log, Membership } from '#engines/log/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import type { EventCodec } from '#pipeline/event-codec.ts'
import { retryForever } from '#pipeline/retry.ts'
import { type RetryingLease, retryingLog } from '#pipeline/retrying.ts'
import type { RecommenderLimits } from '../limits.ts'
import { Recommender } from '../recommender.ts'
import type { RecommenderSettings } from '../settings.ts'
import { learnFromTables } from './learn-from-tables.ts'
import { LogTail } from './log-tail.ts'
import {
  LEARNED_TOPICS,
  type Positions,
  positionsAfterTables,
  type TableGroup,
} from './positions.ts'

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
}

/** A recommender that keeps learning from the log. Disposing stops the learning; lists can still be asked for. */
export interface LiveRecommender extends AsyncDisposable {
  /** Answers from the beginning, with what it has learned so far. */
  readonly recommender: Recommender
  /** Resolves when it has learned what the tables hold. */
  readonly learned: Promise<void>
  /** Rejects when the learning cannot go on; never resolves. */
  readonly failed: Promise<never>
  /** Resolves when it has learned what the tables hold. @throws EngineError ENGINE_UNAVAILABLE until then */
  ping(): Promise<void>
  /** How many records of the log it has not learned yet. @throws EngineError */
  lag(): Promise<number>
}

/**
 * Learns what the tables hold, then follows the log from there. Does not wait for either: a shop with a long history
 * should take events and show trends while its recommender reads.
 */
export function startLiveRecommender(options: LiveRecommenderOptions): LiveRecommender {
  const recommender = new Recommender({
    clock: options.clock,
    newId: options.newId ?? v7,
    random: options.random,
    vectors: options.vectors,
    logger: options.logger,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  })
  const stopped = new AbortController()
  let isLearned = false
  const following = learnAndFollow(recommender, options, stopped.signal)
  const learned = following.then(() => {
    isLearned = true
  })
  const failed = following
    .then(({ membership }) => membership.failed)
    .catch((error: unknown) => {
      // Learning that disposal cut short has not failed.
      if (stopped.signal.aborted) return new Promise<never>(() => {})
      throw error
    })
  // Avoids an unhandledRejection where nobody awaits them.
  for (const promise of [learned, failed]) promise.catch(() => {})
  return {
    recommender,
    learned,
    failed,
    async ping() {
      if (isLearned) return
      throw unavailable('still learning what the tables hold')
    },
    async lag() {
      const { positions } = await following
      const bounds = await options.log.bounds(LEARNED_TOPICS)
      return bounds.reduce((records, { topic, partition, first, end }) => {
        return records + Math.max(0, end - (positions.get(topic, partition) ?? first))
      }, 0)
    },
    async [Symbol.asyncDispose]() {
      stopped.abort()
      await following.then(
        ({ membership }) => membership[Symbol.asyncDispose](),
        () => {},
      )
    },
  }
}

interface Following {
  readonly membership: Membership
  readonly positions: Positions
}

async function learnAndFollow(
  recommender: Recommender,
  options: LiveRecommenderOptions,
  signal: AbortSignal,
): Promise<Following> {
  const { tables, log, codec, clock, logger, lookbackEvents = LOOKBACK_EVENTS } = options
  const retry = retryForever('log or tables', logger)
  const positions = await retry(
    () => positionsAfterTables(tables, log, options.tableGroups ?? []),
    signal,
  )
  // Begins anew when it is cut short: no event is learned twice.
  await retry(() => learnFromTables(recommender, tables, { lookbackEvents, signal }), signal)
  const learn = recommender.learn.bind(recommender)
  const waiting = retryingLog(log, logger)
  const tail = new LogTail({ log: waiting, codec, clock, logger, positions, learn })
  const work = (lease: RetryingLease) => tail.follow(lease)
  const membership = await waiting.join({ group: null, topics: LEARNED_TOPICS, work }, signal)
  return { membership, positions }
}
