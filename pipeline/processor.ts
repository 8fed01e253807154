import type { TextModel } from '#engines/models/port.ts'
import type { Tables } from '#engines/tables/port.ts'
import type { Vectors } from '#engines/vectors/port.ts'
import type { CommerceEvent } from '#schemas/events.ts'
import type { ColumnType, Row, TableSpec } from '#schemas/tables.ts'
import type { TopicName } from '#schemas/topics.ts'

/**
 * An event, where it stands in the log, and what the state of its partition says of it. State never decides *whether* a
 * record is stored, only what these columns say, so that a replay writes the same rows.
 */
export interface ClassifiedEvent {
  readonly event: CommerceEvent
  readonly topic: TopicName
  readonly partition: number
  readonly offset: number
  /** When it happened, UTC milliseconds, corrected for clock skew. */
  readonly time: number
  /** It claimed to be from the future and stands at its arrival. */
  readonly clamped: boolean
  /** Its event_id came before, within the horizon: stored, not counted. */
  readonly dup: boolean
  /** Its pane was closed: stored now, counted by the repair. */
  readonly late: boolean
}

/** Stores every record as one row, exactly once. The row may depend on nothing but its argument. */
export interface RecordProcessor<T extends TableSpec = TableSpec> {
  readonly kind: 'record'
  readonly name: string
  readonly into: T
  readonly row: (classified: ClassifiedEvent) => Row<T>
}

/** A table of panes: its minute, its source partition, and the offset that makes the newest write win. */
export interface PaneTable extends TableSpec {
  readonly columns: Readonly<Record<string, ColumnType>> & {
    readonly minute: "DateTime('UTC')"
    readonly _topic: 'LowCardinality(String)'
    readonly _partition: 'UInt16'
    readonly ver: 'UInt64'
    readonly received_at: "DateTime64(3, 'UTC')"
  }
}

type OwnColumns<T extends PaneTable> = Omit<
  { [C in keyof T['columns']]: Row<T>[C] },
  'minute' | '_topic' | '_partition' | 'ver' | 'received_at'
>
type ColumnsOf<T extends PaneTable, Value> = {
  readonly [C in keyof OwnColumns<T> as OwnColumns<T>[C] extends Value
    ? C
    : never]: OwnColumns<T>[C]
}

/** What one event adds to one key of a pane: the key columns whole, the measures that grow. */
export interface Contribution<T extends PaneTable = PaneTable> {
  readonly key: ColumnsOf<T, string>
  readonly add: Partial<ColumnsOf<T, number>>
}

/** Sums per key and minute of event time, written as absolute values. */
export interface WindowProcessor<T extends PaneTable = PaneTable> {
  readonly kind: 'window'
  readonly name: string
  readonly into: T
  /** What the event adds, all of it in the pane of its time. Pure. */
  readonly contributions: (event: CommerceEvent) => readonly Contribution<T>[]
}

/** The engines that a projection may write to. */
export interface Projections {
  readonly tables: Tables
  readonly vectors: Vectors
  readonly model: TextModel
}

/** Keeps the newest state per key elsewhere. Writing again, or an older version, must change nothing. */
export interface ProjectionProcessor {
  readonly kind: 'projection'
  readonly name: string
  /** Durable when it resolves; called again with the same events after a failure or a take-over. */
  readonly apply: (events: readonly ClassifiedEvent[], engines: Projections) => Promise<void>
}

/** Processors that read the same topics as one consumer group, sharing one decoding and one state. */
export interface Topology {
  /** The consumer group: a change of meaning gets a new name and fills its tables from the start. */
  readonly group: string
  /** Part of every deduplication token: raise it whenever a record processor's rows would differ. */
  readonly version: string
  readonly topics: readonly TopicName[]
  readonly record?: RecordProcessor
  readonly windows: readonly WindowProcessor[]
  readonly projections: readonly ProjectionProcessor[]
}

/** Checks a window's columns against its table, then forgets the exact table: a topology holds windows of many. */
export function window<T extends PaneTable>(
  declaration: Omit<WindowProcessor<T>, 'kind'>,
): WindowProcessor {
  return { kind: 'window', ...declaration } as unknown as WindowProcessor
}

export function record<T extends TableSpec>(
  declaration: Omit<RecordProcessor<T>, 'kind'>,
): RecordProcessor {
  return { kind: 'record', ...declaration } as unknown as RecordProcessor
}

export function projection(declaration: Omit<ProjectionProcessor, 'kind'>): ProjectionProcessor {
  return { kind: 'projection', ...declaration }
}
