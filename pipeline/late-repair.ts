import { Panes } from './panes.ts'
import type { PartitionState } from './partition-state.ts'
import type { WindowProcessor } from './processor.ts'
import type { RetryingTables } from './retrying.ts'
import { fromStored, STORED_EVENT_COLUMNS, type StoredEvent } from './stored-event.ts'
import { PANE_MS, paneOf } from './watermark.ts'

/** Minutes that one query reads again; a year of history loaded late takes some thousand queries. */
export const REPAIR_MINUTES_MAX = 500
const REPAIR_DEADLINE_MS = 60_000

interface RepairOptions {
  readonly tables: RetryingTables
  /** Where the record processor of the group stores its rows. */
  readonly rawTable: string
  readonly windows: readonly WindowProcessor[]
}

/**
 * Computes the closed panes that late events fell into again, from the stored rows and through the same windows, and
 * writes them as absolute values. Must run between batches: all rows up to the state's offset are stored then.
 */
export async function repairLatePanes(
  state: PartitionState,
  options: RepairOptions,
): Promise<void> {
  const minutes = state.lateMinutes
  for (let i = 0; i < minutes.length; i += REPAIR_MINUTES_MAX) {
    const some = minutes.slice(i, i + REPAIR_MINUTES_MAX)
    const events = await readMinutes(state, some, options)
    for (const window of options.windows) await writePanes(window, state, events, options)
    state.repaired(some)
  }
}

type RepairRow = StoredEvent & { readonly _offset: string }

function readMinutes(
  state: PartitionState,
  minutes: readonly number[],
  { tables, rawTable }: RepairOptions,
): Promise<RepairRow[]> {
  const first = minutes[0] ?? 0
  const last = minutes.at(-1) ?? 0
  return tables.query<RepairRow>(
    `SELECT ${STORED_EVENT_COLUMNS}, _offset FROM ${rawTable}
     WHERE _topic = {topic:String} AND _partition = {partition:UInt16} AND dup = 0
       AND event_time >= {from:DateTime64(3)} AND event_time < {to:DateTime64(3)}
       AND intDiv(toUnixTimestamp64Milli(event_time), ${PANE_MS}) IN {minutes:Array(Int64)}
     ORDER BY _offset`,
    {
      deadlineMs: REPAIR_DEADLINE_MS,
      parameters: {
        topic: state.topic,
        partition: state.partition,
        from: first,
        to: last + PANE_MS,
        minutes: minutes.map((minute) => minute / PANE_MS),
      },
    },
  )
}

async function writePanes(
  window: WindowProcessor,
  state: PartitionState,
  events: readonly RepairRow[],
  { tables }: RepairOptions,
): Promise<void> {
  const panes = new Panes(window, state.topic, state.partition)
  // A repair is caused by the newest of them; the others were visible before.
  const receivedAt = events.reduce((newest, event) => Math.max(newest, event.received_at_ms), 0)
  for (const stored of events) {
    const event = fromStored(stored)
    const at = { offset: Number(stored._offset), watermark: Number.NEGATIVE_INFINITY }
    const contributions = window.contributions(event)
    if (contributions.length > 0) panes.add(paneOf(event.event_time), contributions, receivedAt, at)
  }
  const write = panes.unwritten()
  if (write !== undefined) await tables.insert(write.table, write.rows)
}
