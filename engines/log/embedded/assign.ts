/** Who may own a partition, in the order in which they joined. */
interface Claim<P, M> {
  readonly partition: P
  readonly owner: M | undefined
  readonly candidates: readonly M[]
}

/**
 * An owner for each partition that has a candidate. Nobody gets two more than somebody who could have had one of them,
 * and no partition moves without need. The same claims always give the same owners.
 */
export function assign<P, M>(claims: readonly Claim<P, M>[]): Map<P, M> {
  const owners = new Map<P, M>()
  const load = new Map<M, number>()
  const give = (partition: P, member: M) => {
    const previous = owners.get(partition)
    if (previous !== undefined) load.set(previous, loadOf(previous) - 1)
    owners.set(partition, member)
    load.set(member, loadOf(member) + 1)
  }
  const loadOf = (member: M) => load.get(member) ?? 0
  const lightest = (members: readonly M[]) =>
    members.reduce((best, member) => (loadOf(member) < loadOf(best) ? member : best))

  for (const { partition, owner, candidates } of claims) {
    if (owner !== undefined && candidates.includes(owner)) give(partition, owner)
  }
  for (const { partition, candidates } of claims) {
    if (!owners.has(partition) && candidates.length > 0) give(partition, lightest(candidates))
  }
  for (let moved = true; moved; ) {
    moved = false
    for (const { partition, candidates } of claims) {
      const owner = owners.get(partition)
      if (owner === undefined) continue
      const other = lightest(candidates)
      if (loadOf(other) + 2 > loadOf(owner)) continue
      give(partition, other)
      moved = true
    }
  }
  return owners
}
