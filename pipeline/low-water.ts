/**
 * From where a partition's state can be built again from nothing: the first offset that its open state depends on,
 * and the watermark as it stood before that record, without which panes long closed would seem to be open.
 */
export interface LowWater {
  readonly offset: number
  readonly watermark: number
}

/** The low-water mark of a commit. */
export interface ReplayPoint extends LowWater {
  /** Names the first commit and all that followed it: another log of the same name, or another instance, has another. */
  readonly lineage: string
}

/** The earlier of the two; either may be missing. */
export function lower(a: LowWater | undefined, b: LowWater | undefined): LowWater | undefined {
  if (a === undefined) return b
  if (b === undefined) return a
  return a.offset <= b.offset ? a : b
}
