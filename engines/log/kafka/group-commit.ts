import type { Clock } from '#engines/clock/port.ts'
import { unavailable } from '#engines/errors.ts'
import type { Commit } from '../port.ts'
import type { Coordinator } from './coordinator.ts'
import type { GroupMember, Session } from './group-member.ts'
import { byTopic, nameOf } from './offsets.ts'

/** How long a commit waits for a rebalance to end; then its caller retries. */
const WAIT_MS = 10_000

interface GroupCommitOptions {
  readonly member: GroupMember
  readonly coordinator: Coordinator
  readonly clock: Clock
  /** Aborts with the loss of the lease. */
  readonly signal: AbortSignal
}

/**
 * Commits the group's position on one partition. The coordinator checks member and generation, not ownership: so the
 * commit names a generation in which this member is known to own the partition. When that generation is over, the
 * commit is refused, waits for the next one and is sent again if the lease has survived. So an old owner's commit is
 * never accepted in a generation that gave the partition to another member.
 * @throws the signal's reason; EngineError ENGINE_UNAVAILABLE
 */
export async function commitInGroup(commit: Commit, options: GroupCommitOptions): Promise<void> {
  const { member, coordinator, clock, signal } = options
  const doing = `cannot commit ${nameOf(commit)}`
  const topics = byTopic([commit], ({ partition, offset, metadata }) => ({
    partition,
    offset,
    metadata,
  }))
  const deadline = clock.now() + WAIT_MS
  let refused: Session | undefined
  for (;;) {
    const session = await member.session(refused, Math.max(0, deadline - clock.now()), signal)
    if (session === undefined)
      throw unavailable(
        `${doing} of group ${coordinator.group}: a rebalance has not ended within ${WAIT_MS} ms`,
      )
    const { memberId, generationId: groupGenerationId } = session
    const fields = { memberId, groupGenerationId, topics }
    const { responses } = await coordinator.send('OffsetCommit', fields, doing)
    const code = responses[0]?.partitions[0]?.errorCode ?? 0
    if (!member.isOver(code, session, doing)) return
    refused = session
  }
}
