import { randomUUID } from 'node:crypto'
import type { Log, NewRecord } from './port.ts'

/** How the suite opens an adapter. */
export interface LogAdapter {
  /** A place for the data of one test: a temporary folder, or any text where a broker keeps the data. */
  readonly newHome: () => Promise<string>
  /** Opens the log of a home, with the records that an earlier one, since disposed, has appended. */
  readonly open: (home: string) => Promise<Log>
  /** Opens the same log once more beside the first, as another process would; left out where one process has it alone. */
  readonly openBeside?: (home: string) => Promise<Log>
  /** The same with a queue of at most 64 KiB; left out, the test of a full queue is reported as skipped. */
  readonly openWithSmallQueue?: (home: string) => Promise<Log>
}

/** An open log for one test, with names that no other test uses: a broker may be shared. */
export interface OpenLog {
  readonly log: Log
  /** An existing topic of three partitions. */
  readonly topic: string
  readonly group: string
  /** Disposes the log and opens it again. */
  readonly reopen: () => Promise<Log>
  /** Opens it once more, as another process would; the same log where one process has it alone. */
  readonly openBeside: () => Promise<Log>
}

export type WithLog = (check: (opened: OpenLog) => Promise<void>) => () => Promise<void>

export const PARTITIONS = 3

/** Gives a check a log of its own and closes it afterwards. */
export function logFixture(adapter: LogAdapter): WithLog {
  return (check) => async () => {
    const home = await adapter.newHome()
    let log = await adapter.open(home)
    const others: Log[] = []
    const openBeside = async () => {
      const other = await adapter.openBeside?.(home)
      if (other !== undefined) others.push(other)
      return other ?? log
    }
    const reopen = async () => {
      await log[Symbol.asyncDispose]()
      log = await adapter.open(home)
      return log
    }
    try {
      const topic = `contract-${randomUUID()}`
      await log.createTopics([{ name: topic, partitions: PARTITIONS, compacted: false }])
      await check({ log, topic, group: `contract-${randomUUID()}`, reopen, openBeside })
    } finally {
      await Promise.all([log, ...others].map((opened) => opened[Symbol.asyncDispose]()))
    }
  }
}

/** Records with the values `prefix-0`, `prefix-1` and so on, all with the one key. */
export function numbered(topic: string, prefix: string, count: number, key = 'key'): NewRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic,
    key,
    value: Buffer.from(`${prefix}-${i}`),
  }))
}
