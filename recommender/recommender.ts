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
import { Blend, type Ranked, type WeightedCandidates } from './blend.ts'
import type { Candidates, Context } from './candidates/candidates.ts'
import type { TextSimilar } from './candidates/text-similar.ts'
import { Catalogue } from './catalogue.ts'
import { fill } from './fill.ts'
import { interactionOf } from './interactions.ts'
import { Interner } from './interner.ts'
import { DEFAULT_LIMITS, type RecommenderLimits } from './limits.ts'
import { type Names, reasonsOf } from './reasons.ts'
import { RecentIds } from './recent-ids.ts'
import { allowedBy } from './rules.ts'
import { DEFAULT_SETTINGS, modelVersion, type RecommenderSettings } from './settings.ts'
import { weightedLists } from './weighted-lists.ts'

export interface RecommenderOptions {
  readonly clock: Clock
  /** Makes the id of a list, a UUIDv7. */
  readonly newId: () => string
  /** In [0, 1). */
  readonly random: () => number
  readonly text?: TextSimilar
  readonly limits?: Partial<RecommenderLimits>
  readonly settings?: RecommenderSettings
}

/** Who `anyUser` draws from: the users of the newest events. */
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
  readonly #text: TextSimilar | undefined
  readonly #settings: RecommenderSettings
  readonly #items: Interner
  readonly #catalogue: Catalogue
  readonly #behaviour: Behaviour
  readonly #blend: Blend
  readonly #learnedIds: RecentIds
  readonly #recentUsers: string[] = []
  readonly #names: Names
  #newestReceivedAt: number | undefined
  #leftOut = 0

  constructor(options: RecommenderOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#settings = options.settings ?? DEFAULT_SETTINGS
    this.modelVersion = modelVersion(this.#settings)
    this.#clock = options.clock
    this.#newId = options.newId
    this.#random = options.random
    this.#text = options.text
    this.#items = new Interner(limits.items)
    this.#catalogue = new Catalogue(this.#items)
    this.#behaviour = new Behaviour({
      items: this.#items,
      catalogue: this.#catalogue,
      limits,
      settings: this.#settings,
    })
    this.#blend = new Blend(limits.items)
    this.#learnedIds = new RecentIds(limits.eventIds)
    this.#names = {
      productId: (item) => this.#items.text(item),
      title: (item) => this.#catalogue.facts(item)?.title ?? this.#items.text(item),
      category: (item) => this.#catalogue.facts(item)?.category.at(-1),
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
    switch (event.type) {
      case 'ProductUpserted':
        if (!this.#learnProduct(event)) this.#leftOut++
        return
      case 'ProductRemoved':
        this.#catalogue.remove(event.product_id)
        return
      case 'UserErased':
        this.#forget(event)
        return
      default:
        this.#learnInteraction(event)
    }
  }

  forUser({
    userId,
    limit,
    surface,
    category,
    exclude,
  }: Parameters<RecommendationService['forUser']>[0]): Promise<UserRecommendations> {
    const context = this.#behaviour.people.recent(userId)
    const items = this.#list(context, { userId, limit, category, exclude })
    return Promise.resolve({ user_id: userId, ...this.#header(), surface, items })
  }

  forSession({
    productIds,
    userId,
    limit,
  }: Parameters<RecommendationService['forSession']>[0]): Promise<SessionRecommendations> {
    const items = this.#list(this.#contextOf(productIds), { userId, limit, exclude: [] })
    return Promise.resolve({
      session: { product_ids: [...productIds] },
      ...this.#header(),
      surface: 'session',
      items,
    })
  }

  async similar({
    productId,
    limit,
  }: Parameters<RecommendationService['similar']>[0]): Promise<SimilarProducts | undefined> {
    const item = this.#items.find(productId)
    if (item === undefined) return undefined
    // More than asked for: some of them may be out of stock.
    const near = (await this.#text?.near(productId, limit * 2)) ?? []
    const known = near.flatMap((hit) => {
      const number = this.#items.find(hit.productId)
      return number === undefined ? [] : [{ number, score: hit.score }]
    })
    const context: Context = { items: [item], ages: [0] }
    const text: Candidates = {
      source: 'text',
      items: known.map(({ number }) => number),
      scores: known.map(({ score }) => score),
      evidence: () => [item],
    }
    const items = this.#rank(context, {
      limit,
      exclude: new Set([item]),
      lists: [
        { candidates: text, weight: 1 },
        { candidates: this.#behaviour.coOccurrence(context), weight: 1 },
      ],
    })
    return { product_id: productId, ...this.#header(), surface: 'similar', items }
  }

  anyUser(): string | undefined {
    return this.#recentUsers[Math.floor(this.#random() * this.#recentUsers.length)]
  }

  #learnProduct(event: EventOf<'ProductUpserted'>): boolean {
    return this.#catalogue.upsert(event.product_id, {
      title: event.title,
      category: event.category,
      priceMinor: event.price_minor,
      currency: event.currency,
      brand: event.brand ?? '',
      stock: event.stock,
    })
  }

  #learnInteraction(event: CommerceEvent): void {
    const interaction = interactionOf(event)
    if (interaction === undefined) return
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

  /** Posted products, oldest first, as a context; those that nobody knows say nothing. */
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
  ): RecommendedItem[] {
    const exclude = new Set(
      request.exclude.flatMap((productId) => this.#items.find(productId) ?? []),
    )
    const [current] = context.items
    if (current !== undefined) exclude.add(current)
    const bought = request.userId === undefined ? [] : this.#behaviour.people.bought(request.userId)
    if (this.#settings.excludeBought) for (const { item } of bought) exclude.add(item)

    const { browsing, basket, unknown } = this.#settings.weights
    const weights =
      current === undefined ? unknown : current === bought[0]?.item ? basket : browsing
    const lists = weightedLists(this.#behaviour, weights, { context, bought })
    return this.#rank(context, { ...request, exclude, lists })
  }

  #rank(
    context: Context,
    request: {
      readonly limit: number
      readonly category?: string | undefined
      readonly exclude: ReadonlySet<number>
      readonly lists: readonly WeightedCandidates[]
    },
  ): RecommendedItem[] {
    const { limit, lists, category } = request
    const allowed = allowedBy(this.#catalogue, request)
    const ranked = this.#blend.rank(lists, limit, allowed)
    if (ranked.length >= limit) return ranked.map((item) => this.#show(item))
    const { popularity } = this.#behaviour
    const categories = category === undefined ? this.#categoriesOf(context) : [category]
    const fillers = [...categories.map((name) => popularity.ofCategory(name)), popularity.ofAll()]
    const rest = this.#catalogue.inOrder()
    return fill(ranked, fillers, { limit, allowed, rest }).map((item) => this.#show(item))
  }

  /** The categories of the newest items, the narrowest first. */
  #categoriesOf(context: Context): readonly string[] {
    const categories = context.items
      .slice(0, 2)
      .flatMap((item) => this.#catalogue.facts(item)?.category.at(-1) ?? [])
    return [...new Set(categories)]
  }

  #show({ item, score, shares }: Ranked): RecommendedItem {
    const facts = this.#catalogue.facts(item)
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
