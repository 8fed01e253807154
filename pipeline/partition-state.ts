import type { CommerceEvent } from '#schemas/events.ts'
import type { TopicName } from '#schemas/topics.ts'
import { DuplicateFilter, type DuplicateFilterState } from './duplicate-filter.ts'
import { eventTimeOf } from './event-time.ts'
import { type LowWater, lower } from './low-water.ts'
import { Panes, type PanesState, type PaneWrite } from './panes.ts'
import type { ClassifiedEvent, Contribution, WindowProcessor } from './processor.ts'
import { paneOf, Watermark } from './watermark.ts'

/** All that `PartitionState` holds, as structured-cloneable values. */
export interface PartitionSnapshot {
  /** The next offset to apply. */
  readonly offset: number
  readonly watermark: number
  readonly duplicates: DuplicateFilterState
  /** By the name of the window. */
  readonly panes: Readonly<Record<string, PanesState>>
  readonly lateMinutes: ReadonlyMap<number, LowWater>
}

/**
 * What a group remembers of one partition: a fold over its records in order, and of nothing else. The same records
 * from the same start give the same state and the same flags, whenever and wherever they are applied.
 */
export class PartitionState {
  readonly topic: TopicName
  readonly partition: number
  readonly #windows: readonly WindowProcessor[]
  readonly #panes: readonly Panes[]
  readonly #duplicates: DuplicateFilter
  readonly #watermark: Watermark
  /** Closed minutes that late events fell into since the last repair, with the first of them. */
  readonly #lateMinutes: Map<number, LowWater>
  #offset: number

  /** A state that knows nothing before `start`, or the one that a snapshot holds. */
  constructor(
    source: { readonly topic: TopicName; readonly partition: number },
    windows: readonly WindowProcessor[],
    start: LowWater | PartitionSnapshot,
  ) {
    const snapshot = 'duplicates' in start ? start : undefined
    this.topic = source.topic
    this.partition = source.partition
    this.#windows = windows
    this.#offset = start.offset
    this.#watermark = new Watermark(start.watermark)
    this.#duplicates = new DuplicateFilter(snapshot?.duplicates)
    this.#lateMinutes = new Map(snapshot?.lateMinutes)
    this.#panes = windows.map(
      (window) => new Panes(window, source.topic, source.partition, snapshot?.panes[window.name]),
    )
  }

  /** The next offset to apply. */
  get offset(): number {
    return this.#offset
  }

  get watermark(): number {
    return this.#watermark.value
  }

  /**
   * Classifies the event at `offset` and counts it, unless it is a repeat or late. What was `stored` earlier on whether it
   * is a repeat is a fact and stands. An event that a window cannot take throws and leaves the state as it was.
   */
  apply(event: CommerceEvent, offset: number, stored?: { readonly dup: boolean }): ClassifiedEvent {
    const contributions = this.#windows.map((window) => countable(window, event))
    const { time, clamped } = eventTimeOf(event)
    const at: LowWater = { offset, watermark: this.#watermark.value }
    const minute = paneOf(time)
    const repeats = this.#duplicates.isRepeat(event.event_id, event.received_at, at)
    const dup = stored?.dup ?? repeats
    const late = this.#watermark.hasClosed(minute)
    if (!dup && late) this.#noteLate(minute, contributions, at)
    if (!dup && !late) this.#count(minute, contributions, event.received_at, at)
    this.#watermark.observe(time)
    this.#offset = offset + 1
    const { topic, partition } = this
    return { event, topic, partition, offset, time, clamped, dup, late }
  }

  /**
   * To be called once the state has been built again from its low-water mark. Panes that have closed since may lack
   * what came before the mark (a pane that was closed and written does not hold the mark back), so that they must not
   * be written from memory: their minutes wait for the repair, which counts the stored rows.
   */
  recountClosed(): void {
    for (const panes of this.#panes) {
      for (const [minute, first] of panes.removeClosed(this.#watermark))
        if (!this.#lateMinutes.has(minute)) this.#lateMinutes.set(minute, first)
    }
  }

  /** Passes over offsets that hold nothing to apply: dead letters, gaps. */
  skipTo(offset: number): void {
    this.#offset = offset
  }

  /** Everything that the pane tables do not have yet. */
  unwritten(): readonly PaneWrite[] {
    return this.#panes.map((panes) => panes.unwritten()).filter((write) => write !== undefined)
  }

  dropClosedPanes(): void {
    for (const panes of this.#panes) panes.dropClosed(this.#watermark)
  }

  /** Closed minutes that wait for repair, oldest first. */
  get lateMinutes(): readonly number[] {
    return [...this.#lateMinutes.keys()].sort((a, b) => a - b)
  }

  /** To be called before another record is applied. */
  repaired(minutes: readonly number[]): void {
    for (const minute of minutes) this.#lateMinutes.delete(minute)
  }

  /** From where this state can be built again without a snapshot. */
  get lowWater(): LowWater {
    let low: LowWater | undefined = this.#duplicates.lowWater
    for (const panes of this.#panes) low = lower(low, panes.lowWater)
    for (const first of this.#lateMinutes.values()) low = lower(low, first)
    return low ?? { offset: this.#offset, watermark: this.#watermark.value }
  }

  /** The state itself, not a copy: serialise it before the next record is applied. */
  snapshot(): PartitionSnapshot {
    return {
      offset: this.#offset,
      watermark: this.#watermark.value,
      duplicates: this.#duplicates.state,
      panes: Object.fromEntries(
        this.#windows.map((window, i) => [window.name, this.#panes[i]?.state ?? new Map()]),
      ),
      lateMinutes: this.#lateMinutes,
    }
  }

  #count(
    minute: number,
    contributions: readonly (readonly Contribution[])[],
    receivedAt: number,
    at: LowWater,
  ): void {
    for (const [i, added] of contributions.entries()) {
      if (added.length > 0) this.#panes[i]?.add(minute, added, receivedAt, at)
    }
  }

  #noteLate(
    minute: number,
    contributions: readonly (readonly Contribution[])[],
    at: LowWater,
  ): void {
    const isCounted = contributions.some((added) => added.length > 0)
    if (isCounted && !this.#lateMinutes.has(minute)) this.#lateMinutes.set(minute, at)
  }
}

/** What the event adds to a window. @throws RangeError when a number is not one that can be counted exactly */
function countable(window: WindowProcessor, event: CommerceEvent): readonly Contribution[] {
  const contributions = window.contributions(event)
  for (const { add } of contributions) {
    for (const [name, value] of Object.entries<number>(add)) {
      if (!Number.isSafeInteger(value))
        throw new RangeError(`${window.name} cannot count ${name} = ${value} exactly`)
    }
  }
  return contributions
}
