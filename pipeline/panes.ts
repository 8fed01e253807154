import type { Row } from '#schemas/tables.ts'
import { type LowWater, lower } from './low-water.ts'
import type { Contribution, PaneTable, WindowProcessor } from './processor.ts'
import type { Watermark } from './watermark.ts'

/** One key of one pane: what its events add up to so far. */
interface Cell {
  readonly key: Readonly<Record<string, string>>
  readonly sums: Record<string, number>
  /** The offset of the last event applied; `written` is that of the last one that the table has. */
  ver: number
  written: number
  /** Arrival of the oldest event that the next write makes visible; while `isTaken`, of the write that has taken it. */
  receivedAt: number
  isTaken: boolean
}

interface Pane {
  readonly first: LowWater
  readonly cells: Map<string, Cell>
}

export type PanesState = Map<number, Pane>

/** Rows to write, and `written` to be called once they are durable. */
export interface PaneWrite {
  readonly table: PaneTable
  readonly rows: readonly Row<PaneTable>[]
  /** Arrival of the oldest event that these rows make visible: what freshness is measured from. */
  readonly receivedAt: number
  readonly written: () => void
}

/**
 * The open one-minute panes of one window and one source partition, `minute -> key -> sums`. A pane leaves memory when
 * it has closed and all of it is in the table.
 */
export class Panes {
  readonly #window: WindowProcessor
  readonly #source: { readonly _topic: string; readonly _partition: number }
  readonly #measures: readonly string[]
  readonly #panes: PanesState
  readonly #dirty = new Map<Cell, number>()

  constructor(
    window: WindowProcessor,
    topic: string,
    partition: number,
    state: PanesState = new Map(),
  ) {
    this.#window = window
    this.#source = { _topic: topic, _partition: partition }
    this.#measures = measuresOf(window.into)
    this.#panes = state
    for (const [minute, pane] of state) {
      for (const cell of pane.cells.values())
        if (cell.ver !== cell.written) this.#dirty.set(cell, minute)
    }
  }

  /** Adds to the pane that starts at `minute`; the offset must be higher than any before. */
  add(
    minute: number,
    contributions: readonly Contribution[],
    receivedAt: number,
    at: LowWater,
  ): void {
    let pane = this.#panes.get(minute)
    if (pane === undefined) {
      pane = { first: at, cells: new Map() }
      this.#panes.set(minute, pane)
    }
    for (const { key, add } of contributions) {
      const id = Object.values(key).join('\u0000')
      let cell = pane.cells.get(id)
      if (cell === undefined) {
        cell = {
          key,
          sums: Object.fromEntries(this.#measures.map((name) => [name, 0])),
          ver: -1,
          written: -1,
          receivedAt,
          isTaken: false,
        }
        pane.cells.set(id, cell)
      }
      for (const [name, value] of Object.entries<number>(add)) {
        // A larger sum is inexact, and its insert would fail: it stays at the maximum.
        cell.sums[name] = Math.min((cell.sums[name] ?? 0) + value, Number.MAX_SAFE_INTEGER)
      }
      cell.ver = at.offset
      cell.receivedAt = cell.isTaken ? receivedAt : Math.min(cell.receivedAt, receivedAt)
      cell.isTaken = false
      this.#dirty.set(cell, minute)
    }
  }

  /** What the table does not have yet; undefined when it has all. What changes while it is written stays dirty. */
  unwritten(): PaneWrite | undefined {
    if (this.#dirty.size === 0) return undefined
    const taken = [...this.#dirty].map(([cell, minute]) => ({ cell, minute, ver: cell.ver }))
    for (const { cell } of taken) cell.isTaken = true
    return {
      table: this.#window.into,
      rows: taken.map(({ cell, minute }) => this.#row(cell, minute)),
      receivedAt: taken.reduce(
        (oldest, { cell }) => Math.min(oldest, cell.receivedAt),
        Number.POSITIVE_INFINITY,
      ),
      written: () => {
        for (const { cell, ver } of taken) {
          cell.written = ver
          if (cell.ver === ver) this.#dirty.delete(cell)
        }
      },
    }
  }

  /** Forgets panes that have closed and are in the table whole. */
  dropClosed(watermark: Watermark): void {
    for (const [minute, pane] of this.#panes) {
      if (!watermark.hasClosed(minute)) continue
      if (isWritten(pane)) this.#panes.delete(minute)
    }
  }

  /** Removes panes that have closed from memory, written or not, and returns where each began. */
  removeClosed(watermark: Watermark): readonly (readonly [minute: number, first: LowWater])[] {
    const taken = [...this.#panes].filter(([minute]) => watermark.hasClosed(minute))
    for (const [minute, { cells }] of taken) {
      this.#panes.delete(minute)
      for (const cell of cells.values()) this.#dirty.delete(cell)
    }
    return taken.map(([minute, { first }]) => [minute, first])
  }

  /** The record to start from to know all open panes again. */
  get lowWater(): LowWater | undefined {
    let low: LowWater | undefined
    for (const pane of this.#panes.values()) low = lower(low, pane.first)
    return low
  }

  get state(): PanesState {
    return this.#panes
  }

  #row(cell: Cell, minute: number): Row<PaneTable> {
    const { key, sums, ver, receivedAt } = cell
    return {
      minute,
      ...this.#source,
      ver,
      received_at: receivedAt,
      ...key,
      ...sums,
    }
  }
}

function isWritten(pane: Pane): boolean {
  for (const cell of pane.cells.values()) if (cell.ver !== cell.written) return false
  return true
}

const NOT_A_MEASURE: ReadonlySet<string> = new Set(['minute', '_partition', 'ver', 'received_at'])

/** The numeric columns of a pane table: what contributions add to. */
function measuresOf(table: PaneTable): readonly string[] {
  return Object.entries(table.columns)
    .filter(([name, type]) => !NOT_A_MEASURE.has(name) && /^U?Int|^Float/.test(type))
    .map(([name]) => name)
}
