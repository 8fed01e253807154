import type { Logger } from 'pino'
import type { Clock } from '#engines/clock/port.ts'
import type { CommerceEvent, EventOf } from '#schemas/events.ts'
import type {
  RecommendationService,
  RecommendedItem,
  SessionRecommendations,
  SimilarProducts,
  UserRecommendations,
} from '#schemas/http/recommendations.ts'
import { Behaviour } from './behaviour.ts'
import { Blend, type Ranked } from './blend.ts'
import type { Memory } from './candidates/candidate.ts'
import { CANDIDATES, type Registered, type Situation } from './candidates/registry.ts'
import type { Context, ListContext } from './context.ts'
import { fill } from './fill.ts'
import { type InterestEvent, interactionOf, isLearned } from './interactions.ts'
import { Interner } from './interner.ts'
import { KnownProducts } from './known-products.ts'
import { DEFAULT_LIMITS, type RecommenderLimits } from './limits.ts'
import { type Names, reasonsOf } from './reasons.ts'
import { RecentIds } from './recent-ids.ts'
import { SessionIndex } from './sessions/session-index.ts'
import {
  defaultSettings,
  modelVersion,
  type RecommenderSettings,
  refuseUnknownWeights,
} from './settings.ts'

export interface RecommenderOptions {
  readonly clock: Clock
  /** Makes the id of a list, a UUIDv7. */
  readonly newId: () => string
  /** In [0, 1). */
  readonly random: () => number
  /** Where the vectors of products are; without it no list follows from them. */
  readonly vectors?: Memory['vectors']
  readonly logger?: Logger
  readonly limits?: Partial<RecommenderLimits>
  /** All that are registered, unless told otherwise. */
  readonly candidates?: readonly Registered[]
  /** Weights as registered, unless told otherwise. */
  readonly settings?: RecommenderSettings
}

/** How many of the newest users `anyUser` draws from. */
const RECENT_USERS = 256

/**
 * Learns from events as they come and answers with lists. The state is a fold over the events in the order learned: the
 * same events give the same lists. One event is learned once, however often it is delivered.
 */
export class Recommender implements RecommendationService {
  readonly modelVersion: string
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #random: () => number
  readonly #settings: RecommenderSettings
  readonly #items: Interner
  readonly #products: KnownProducts
  readonly #behaviour: Behaviour
  readonly #blend: Blend
  readonly #learnedIds: RecentIds
  readonly #recentUsers: string[] = []
  readonly #names: Names
  #newestReceivedAt: number | undefined
  #leftOut = 0

  constructor(options: RecommenderOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const candidates = options.candidates ?? CANDIDATES
    this.#settings = options.settings ?? defaultSettings(candidates)
    refuseUnknownWeights(this.#settings, candidates)
    this.modelVersion = modelVersion(this.#settings, candidates)
    this.#clock = options.clock
    this.#newId = options.newId
    this.#random = options.random
    this.#items = new Interner(limits.items)
    this.#products = new KnownProducts(this.#items)
    const memory: Memory = {
      limits,
      items: this.#items,
      products: this.#products,
      sessions: new SessionIndex(limits),
      vectors: options.vectors,
      logger: options.logger,
    }
    this.#behaviour = new Behaviour(memory, candidates)
    this.#blend = new Blend(limits.items)
    this.#learnedIds = new RecentIds(limits.eventIds)
    this.#names = {
      productId: (item) => this.#items.text(item),
      title: (item) => this.#products.facts(item)?.title ?? this.#items.text(item),
      category: (item) => this.#products.facts(item)?.category.at(-1),
    }
  }

  /** Events that were not learned whole because the limit of `items` is reached. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** Takes an event into account for every later list. An event id seen before changes nothing. */
  learn(event: CommerceEvent): void {
    if (!this.#learnedIds.add(event.event_id)) return
    this.#newestReceivedAt = Math.max(this.#newestReceivedAt ?? 0, event.received_at)
    if (!isLearned(event)) return
    switch (event.type) {
      case 'ProductUpserted':
        if (!this.#learnProduct(event)) this.#leftOut++
        return
      case 'ProductRemoved':
        this.#products.remove(event.product_id)
        return
      case 'UserErased':
        this.#forget(event)
        return
      case 'ProductViewed':
      case 'CartItemAdded':
      case 'OrderPlaced':
        this.#learnInterest(event)
    }
  }

  async forUser({
    userId,
    limit,
    surface,
    category,
    exclude,
  }: Parameters<RecommendationService['forUser']>[0]): Promise<UserRecommendations> {
    const context = this.#behaviour.people.recent(userId)
    const items = await this.#list(context, { userId, limit, category, exclude })
    return { user_id: userId, ...this.#header(), surface, items }
  }

  async forSession({
    productIds,
    userId,
    limit,
  }: Parameters<RecommendationService['forSession']>[0]): Promise<SessionRecommendations> {
    const items = await this.#list(this.#contextOf(productIds), { userId, limit, exclude: [] })
    return {
      session: { product_ids: [...productIds] },
      ...this.#header(),
      surface: 'session',
      items,
    }
  }

  async similar({
    productId,
    limit,
  }: Parameters<RecommendationService['similar']>[0]): Promise<SimilarProducts | undefined> {
    const item = this.#items.find(productId)
    if (item === undefined) return undefined
    const context = { items: [item], ages: [0], bought: [], limit }
    const items = await this.#rank('similar', context, new Set([item]))
    return { product_id: productId, ...this.#header(), surface: 'similar', items }
  }

  anyUser(): string | undefined {
    return this.#recentUsers[Math.floor(this.#random() * this.#recentUsers.length)]
  }

  #learnProduct(event: EventOf<'ProductUpserted'>): boolean {
    return this.#products.upsert(event.product_id, {
      title: event.title,
      category: event.category,
      priceMinor: event.price_minor,
      currency: event.currency,
      brand: event.brand ?? '',
      stock: event.stock,
    })
  }

  #learnInterest(event: InterestEvent): void {
    const interaction = interactionOf(event)
    if (!this.#behaviour.learn(interaction)) this.#leftOut++
    if (interaction.userId === null || this.#recentUsers.at(-1) === interaction.userId) return
    this.#recentUsers.push(interaction.userId)
    if (this.#recentUsers.length > RECENT_USERS) this.#recentUsers.shift()
  }

  #forget({ user_id: userId }: EventOf<'UserErased'>): void {
    if (userId === null) return
    this.#behaviour.forget(userId)
    for (let at = this.#recentUsers.length - 1; at >= 0; at--)
      if (this.#recentUsers[at] === userId) this.#recentUsers.splice(at, 1)
  }

  /** Posted products, oldest first, as a context; unknown ones are ignored. */
  #contextOf(productIds: readonly string[]): Context {
    const newestFirst = productIds.flatMap((productId) => this.#items.find(productId) ?? [])
    const items = [...new Set(newestFirst.reverse())]
    return { items, ages: items.map((_, age) => age) }
  }

  #list(
    context: Context,
    request: {
      readonly userId?: string | undefined
      readonly limit: number
      readonly category?: string | undefined
      readonly exclude: readonly string[]
    },
  ): Promise<RecommendedItem[]> {
    const exclude = new Set(
      request.exclude.flatMap((productId) => this.#items.find(productId) ?? []),
    )
    const [current] = context.items
    if (current !== undefined) exclude.add(current)
    const bought = request.userId === undefined ? [] : this.#behaviour.people.bought(request.userId)
    if (this.#settings.excludeBought) for (const { item } of bought) exclude.add(item)

    const isBasket = current !== undefined && current === bought[0]?.item
    const situation = current === undefined ? 'unknown' : isBasket ? 'basket' : 'browsing'
    const { limit, category } = request
    return this.#rank(situation, { ...context, bought, limit, category }, exclude)
  }

  async #rank(
    situation: Situation,
    context: ListContext,
    exclude: ReadonlySet<number>,
  ): Promise<RecommendedItem[]> {
    const { limit, category } = context
    const lists = await this.#behaviour.propose(this.#settings.weights[situation], context)
    const allowed = this.#products.allowedBy({ exclude, category })
    const ranked = this.#blend.rank(lists, limit, allowed)
    if (ranked.length >= limit) return ranked.map((item) => this.#show(item))
    const rest = this.#products.inOrder()
    const fillIns = this.#behaviour.fillIns(context)
    return fill(ranked, fillIns, { limit, allowed, rest }).map((item) => this.#show(item))
  }

  #show({ item, score, shares }: Ranked): RecommendedItem {
    const facts = this.#products.facts(item)
    const productId = this.#items.text(item)
    return {
      product_id: productId,
      title: facts?.title ?? productId,
      category: [...(facts?.category ?? [])],
      price_minor: facts?.priceMinor ?? 0,
      currency: facts?.currency ?? '',
      score: Math.round(score * 1e6) / 1e6,
      reasons: reasonsOf(item, shares, this.#names),
    }
  }

  #header() {
    const now = this.#clock.now()
    return {
      recommendation_id: this.#newId(),
      model_version: this.modelVersion,
      generated_at: new Date(now).toISOString(),
      freshness_ms:
        this.#newestReceivedAt === undefined ? null : Math.max(0, now - this.#newestReceivedAt),
    }
  }
}
