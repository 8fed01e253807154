import { setImmediate } from 'node:timers/promises'
import type { LogRecord } from '#engines/log/port.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { Decoded } from './event-codec.ts'
import type { PartitionState } from './partition-state.ts'
import type { ClassifiedEvent } from './processor.ts'
import type { RetryingCodec } from './retrying.ts'

/** Records classified before other work of the process gets a turn (10 ms or so). */
const RECORDS_PER_TURN = 1_000

export interface Classified {
  readonly events: readonly ClassifiedEvent[]
  readonly dead: readonly DeadLetter[]
}

interface ClassifyOptions {
  /** Waits for an unknown schema: until then the partition rests, and nothing is dead-lettered. */
  readonly codec: RetryingCodec
  readonly signal: AbortSignal
}

/**
 * Decodes records in order and applies them to the state of their partition. What cannot be read or taken is returned
 * as a dead letter. When records are classified again, `storedAt` tells what the row of an offset says, if it has one.
 */
export async function classify(
  records: readonly LogRecord[],
  state: PartitionState,
  options: ClassifyOptions,
  storedAt: (offset: number) => { readonly dup: boolean } | undefined = () => undefined,
): Promise<Classified> {
  const events: ClassifiedEvent[] = []
  const dead: DeadLetter[] = []
  for (const [i, record] of records.entries()) {
    if (i % RECORDS_PER_TURN === RECORDS_PER_TURN - 1) await setImmediate()
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
  { codec, signal }: ClassifyOptions,
): Promise<Exclude<Decoded, { kind: 'unknown-schema' }>> {
  for (;;) {
    const decoded = codec.decode(record.value)
    if (decoded.kind !== 'unknown-schema') return decoded
    await codec.learn(decoded.schemaId, signal)
    signal.throwIfAborted()
  }
}
