import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../clock/system-clock.ts'
import { openEmbeddedLog } from './embedded-log.ts'

/**
 * The process that the crash test kills: until then it appends to `t` from several tasks as fast as the disk allows, and
 * tells its parent of each acknowledged record.
 */
const [folder = '', run = ''] = process.argv.slice(2)
const log = await openEmbeddedLog({ folder, clock: systemClock })
await log.createTopics([{ name: 't', partitions: 2, compacted: false }])

async function appendForEver(task: number): Promise<never> {
  for (let i = 0; ; i++) {
    const key = `${run}-${task}-${i}`
    const size = (i * 997) % 5_000
    const records = [key, `${key}+`].map((text) => ({
      topic: 't',
      key: text,
      value: Buffer.alloc(size, text),
    }))
    const positions = await log.append(records)
    process.send?.(positions.map((position, n) => ({ ...position, key: records[n]?.key, size })))
    if (i % 10 === task) await setTimeout(1)
  }
}

await Promise.all([0, 1, 2, 3].map(appendForEver))
