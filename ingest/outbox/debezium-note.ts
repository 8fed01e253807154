import type { LogEnds } from './log-ends.ts'

/** Beside an offset: records from there up to `end` may be in the log already, at or beyond `ends`. */
export interface DebeziumNote {
  readonly end: number
  readonly ends: LogEnds
}

export function writeDebeziumNote(note: DebeziumNote): string {
  return JSON.stringify(note)
}

/** Undefined when nothing is in doubt. */
export function readDebeziumNote(metadata: string): DebeziumNote | undefined {
  return metadata === '' ? undefined : (JSON.parse(metadata) as DebeziumNote)
}
