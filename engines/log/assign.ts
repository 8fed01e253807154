/** A partition, and the members that may own it in the order in which they joined. */
interface Claim<P, M> {
  readonly partition: P
  readonly topic: string
  readonly owner: M | undefined
  readonly candidates: readonly M[]
}

/**
 * An owner for each partition that has a candidate. Within a topic, whose partitions are alike, the loads of its
 * candidates differ by at most one; over all topics they are as even as that allows. Partitions move only for that.
 * The same claims always give the same owners.
 */
export function assign<P, M>(claims: readonly Claim<P, M>[]): Map<P, M> {
  const owners = new Map<P, M>()
  const load = new Load<M>()
  const give = ({ partition, topic }: Claim<P, M>, member: M) => {
    const previous = owners.get(partition)
    if (previous !== undefined) load.add(previous, topic, -1)
    owners.set(partition, member)
    load.add(member, topic, 1)
  }
  const lightest = ({ topic, candidates }: Claim<P, M>) =>
    candidates.reduce((best, member) => (load.isLess(member, best, topic) ? member : best))

  for (const claim of claims) {
    const { owner, candidates } = claim
    if (owner !== undefined && candidates.includes(owner)) give(claim, owner)
  }
  for (const claim of claims) {
    if (!owners.has(claim.partition) && claim.candidates.length > 0) give(claim, lightest(claim))
  }
  for (let moved = true; moved; ) {
    moved = false
    for (const claim of claims) {
      const owner = owners.get(claim.partition)
      if (owner === undefined) continue
      const other = lightest(claim)
      if (!load.isBetterWith(other, owner, claim.topic)) continue
      give(claim, other)
      moved = true
    }
  }
  return owners
}

/** How many partitions each member has, of a topic and in all. */
class Load<M> {
  readonly #inAll = new Map<M, number>()
  readonly #ofTopic = new Map<string, Map<M, number>>()

  add(member: M, topic: string, count: number): void {
    this.#inAll.set(member, this.#all(member) + count)
    const ofTopic = this.#ofTopic.get(topic) ?? new Map<M, number>()
    this.#ofTopic.set(topic, ofTopic.set(member, (ofTopic.get(member) ?? 0) + count))
  }

  isLess(member: M, than: M, topic: string): boolean {
    const difference = this.#of(member, topic) - this.#of(than, topic)
    return difference < 0 || (difference === 0 && this.#all(member) < this.#all(than))
  }

  /** A partition of the topic would make loads more even with `other` than with `owner`. */
  isBetterWith(other: M, owner: M, topic: string): boolean {
    const difference = this.#of(owner, topic) - this.#of(other, topic)
    return difference >= 2 || (difference === 1 && this.#all(owner) - this.#all(other) >= 2)
  }

  #all(member: M): number {
    return this.#inAll.get(member) ?? 0
  }

  #of(member: M, topic: string): number {
    return this.#ofTopic.get(topic)?.get(member) ?? 0
  }
}
