import { setImmediate } from 'node:timers/promises'
import type { LogRecord } from '#engines/log/port.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { Decoded } from './event-codec.ts'
import type { PartitionState } from './partition-state.ts'
import type { JudgedEvent } from './processor.ts'
import type { RetryingCodec } from './retrying.ts'

/** Records judged between two looks at what else the process has to do (10 ms or so). */
const SLICE = 1_000

export interface Judgement {
  readonly events: readonly JudgedEvent[]
  readonly dead: readonly DeadLetter[]
}

interface JudgeOptions {
  /** Waits for an unknown schema: until then the partition rests, and nothing is dead-lettered. */
  readonly codec: RetryingCodec
  readonly signal: AbortSignal
}

/**
 * Decodes records in order and applies them to the state of their partition. What cannot be read or taken is returned
 * as a dead letter. When records are judged again, `storedAt` tells what the row of an offset says, if it has one.
 */
export async function judge(
  records: readonly LogRecord[],
  state: PartitionState,
  options: JudgeOptions,
  storedAt: (offset: number) => { readonly dup: boolean } | undefined = () => undefined,
): Promise<Judgement> {
  const events: JudgedEvent[] = []
  const dead: DeadLetter[] = []
  for (const [i, record] of records.entries()) {
    if (i % SLICE === SLICE - 1) await setImmediate()
    const decoded = await decodeKnown(record, options)
    if (decoded.kind === 'undecodable') {
      dead.push({ record, stage: 'decode', reason: decoded.reason })
      state.skipTo(record.offset + 1)
      continue
    }
    try {
      events.push(state.apply(decoded.event, record.offset, storedAt(record.offset)))
    } catch (error) {
      dead.push({ record, stage: 'process', reason: String(error) })
      state.skipTo(record.offset + 1)
    }
  }
  return { events, dead }
}

async function decodeKnown(
  record: LogRecord,
  { codec, signal }: JudgeOptions,
): Promise<Exclude<Decoded, { kind: 'unknown-schema' }>> {
  for (;;) {
    const decoded = codec.decode(record.value)
    if (decoded.kind !== 'unknown-schema') return decoded
    await codec.learn(decoded.schemaId, signal)
    signal.throwIfAborted()
  }
}
