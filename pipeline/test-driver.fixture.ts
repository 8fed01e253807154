import { deserialize, serialize } from 'node:v8'
import type { CommerceEvent, EventOf, EventType } from '#schemas/events.ts'
import { topicOf } from '#schemas/events.ts'
import type { Row } from '#schemas/tables.ts'
import type { LowWater } from './low-water.ts'
import { type PartitionSnapshot, PartitionState } from './partition-state.ts'
import type { ClassifiedEvent, PaneTable, WindowProcessor } from './processor.ts'

/** An event of this type with the fields that the test does not give filled in. Times in UTC milliseconds. */
export function testEvent<T extends EventType>(
  type: T,
  fields: Partial<EventOf<T>> & { readonly event_id: string; readonly event_time: number },
): EventOf<T> {
  const header = { sent_at: null, received_at: fields.event_time, source: 'test', user_id: 'u1' }
  return {
    type,
    anonymous_id: null,
    session_id: null,
    ...header,
    ...fields,
  } as unknown as EventOf<T>
}

/**
 * Runs windows over the events of one partition, by hand and without engines (after Kafka Streams' TopologyTestDriver).
 * What the windows write is kept as the tables would: for each key the row with the highest `ver`.
 */
export class TestDriver {
  readonly #windows: readonly WindowProcessor[]
  readonly #rows = new Map<string, Map<string, Row<PaneTable>>>()
  #state: PartitionState

  constructor(
    windows: readonly WindowProcessor[],
    start: LowWater = { offset: 0, watermark: Number.NEGATIVE_INFINITY },
  ) {
    this.#windows = windows
    this.#state = new PartitionState({ topic: 'commerce.activity', partition: 0 }, windows, start)
  }

  get state(): PartitionState {
    return this.#state
  }

  /** Applies an event at the next offset. */
  send(event: CommerceEvent): ClassifiedEvent {
    topicOf(event.type)
    return this.#state.apply(event, this.#state.offset)
  }

  /** Writes what the tables do not have yet. */
  flush(): void {
    for (const { table, rows, written } of this.#state.unwritten()) {
      const kept = this.#rows.get(table.name) ?? new Map<string, Row<PaneTable>>()
      this.#rows.set(table.name, kept)
      for (const row of rows) keepNewest(kept, row)
      written()
    }
    this.#state.dropClosedPanes()
  }

  /** Stops and starts again from a snapshot that went through bytes. */
  restart(): void {
    const snapshot = deserialize(serialize(this.#state.snapshot())) as PartitionSnapshot
    const { topic, partition } = this.#state
    this.#state = new PartitionState({ topic, partition }, this.#windows, snapshot)
  }

  /** The rows of a pane table, in order of minute and key. */
  rows<T extends PaneTable>(table: T): Row<T>[] {
    this.flush()
    const kept = this.#rows.get(table.name) ?? new Map<string, Row<PaneTable>>()
    return [...kept.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row as unknown as Row<T>)
  }
}

function keepNewest(rows: Map<string, Row<PaneTable>>, row: Row<PaneTable>): void {
  const isKey = ([name, value]: [string, unknown]) =>
    name !== 'ver' && (name === 'minute' || typeof value === 'string')
  const key = Object.entries(row)
    .filter(isKey)
    .map(([, value]) => value)
    .join('|')
  const kept = rows.get(key)
  if (kept === undefined || kept.ver <= row.ver) rows.set(key, row)
}
