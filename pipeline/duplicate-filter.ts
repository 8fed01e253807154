import { type LowWater, lower } from './low-water.ts'

/** A repeat of an event_id is recognised for this long after the last time it came, in arrival time. */
export const DUPLICATE_HORIZON_MS = 60 * 60_000
/** Ids that one generation holds (12 bytes a slot, at most 3/4 full); beyond it the horizon shrinks. */
export const GENERATION_IDS_MAX = 6_000_000

const HORIZON_S = DUPLICATE_HORIZON_MS / 1_000
const WORDS = 3
const SLOTS_AT_FIRST = 1_024

interface Generation {
  /** Three words a slot: a 64-bit hash of the id, 0 in the first for an empty slot, and its last arrival in seconds. */
  slots: Uint32Array
  size: number
  /** Arrival of the first record, seconds since 1970. */
  readonly since: number
  readonly first: LowWater | undefined
}

export type DuplicateFilterState = readonly [Generation, Generation]

/**
 * Remembers event ids in two generations that take turns: the older is dropped when the younger is one horizon old.
 * Ids are kept as 64-bit hashes: with 10 million in memory, an event is taken for a repeat by mistake once in some
 * 10^12. The answer depends on the arrival times in the records and not on when generations changed, so a replay that
 * starts a horizon earlier gives the same answers.
 */
export class DuplicateFilter {
  #older: Generation
  #younger: Generation

  constructor(state?: DuplicateFilterState) {
    this.#older = state?.[0] ?? generation(Number.NEGATIVE_INFINITY, undefined)
    this.#younger = state?.[1] ?? generation(Number.NEGATIVE_INFINITY, undefined)
  }

  /** True when the id arrived before, within the horizon. Remembers it. `at` is where this record can be replayed. */
  isRepeat(eventId: string, receivedAt: number, at: LowWater): boolean {
    const arrival = Math.floor(receivedAt / 1_000)
    if (arrival - this.#younger.since > HORIZON_S || this.#younger.size >= GENERATION_IDS_MAX) {
      this.#older = this.#younger
      this.#younger = generation(arrival, at)
    }
    const high = hash(eventId, 0x9747b28c) || 1
    const low = hash(eventId, 0x2c1b3c6d)
    const last = remember(this.#younger, high, low, arrival) ?? arrivalOf(this.#older, high, low)
    return last !== undefined && arrival - last <= HORIZON_S
  }

  /** The record to start from to know all ids again. */
  get lowWater(): LowWater | undefined {
    return lower(this.#older.first, this.#younger.first)
  }

  get state(): DuplicateFilterState {
    return [this.#older, this.#younger]
  }
}

function generation(since: number, first: LowWater | undefined): Generation {
  return { slots: new Uint32Array(SLOTS_AT_FIRST * WORDS), size: 0, since, first }
}

/** Where the hash stands, or the bitwise complement of the free place where it belongs (linear probing). */
function find(slots: Uint32Array, high: number, low: number): number {
  const mask = slots.length / WORDS - 1
  let slot = (high ^ low) & mask
  for (;;) {
    const place = slot * WORDS
    if (slots[place] === 0) return ~place
    if (slots[place] === high && slots[place + 1] === low) return place
    slot = (slot + 1) & mask
  }
}

function arrivalOf({ slots }: Generation, high: number, low: number): number | undefined {
  const place = find(slots, high, low)
  return place < 0 ? undefined : slots[place + 2]
}

/** Notes the arrival and returns the one that was noted before, if any. */
function remember(
  into: Generation,
  high: number,
  low: number,
  arrival: number,
): number | undefined {
  const place = find(into.slots, high, low)
  if (place >= 0) {
    const last = into.slots[place + 2]
    into.slots[place + 2] = arrival
    return last
  }
  into.slots[~place] = high
  into.slots[~place + 1] = low
  into.slots[~place + 2] = arrival
  into.size += 1
  if (into.size * 4 * WORDS > into.slots.length * 3) into.slots = doubled(into.slots)
  return undefined
}

function doubled(slots: Uint32Array): Uint32Array {
  const larger = new Uint32Array(slots.length * 2)
  for (let place = 0; place < slots.length; place += WORDS) {
    const [high = 0, low = 0] = slots.subarray(place, place + 2)
    if (high !== 0) larger.set(slots.subarray(place, place + WORDS), ~find(larger, high, low))
  }
  return larger
}

/** MurmurHash3's mixing over UTF-16 units (Appleby, 2011), 32 bits; two seeds make 64. */
function hash(text: string, seed: number): number {
  let h = seed
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    k = (k << 15) | (k >>> 17)
    h ^= Math.imul(k, 0x1b873593)
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  h ^= text.length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
