import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { readAll } from '../contract-reading.ts'
import { openEmbeddedLog } from './embedded-log.ts'

const KILLS = 8

interface Acknowledged {
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly size: number
}

/** Lets a process append and kills it between 1 and 60 ms after its first acknowledgement. */
async function appendAndKill(folder: string, run: number): Promise<Acknowledged[]> {
  const victim = fork(new URL('./append-until-killed.fixture.ts', import.meta.url), [
    folder,
    `${run}`,
  ])
  const acknowledged: Acknowledged[] = []
  victim.on('message', (positions) => acknowledged.push(...(positions as Acknowledged[])))
  await once(victim, 'message')
  await setTimeout(1 + Math.random() * 60)
  victim.kill('SIGKILL')
  const [, signal] = await once(victim, 'close')
  expect(signal).toBe('SIGKILL')
  return acknowledged
}

test(`every acknowledged record outlives ${KILLS} kills, at its offset, whole and without gaps`, {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-log-crash-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const acknowledged: Acknowledged[] = []
  for (let run = 0; run < KILLS; run++) acknowledged.push(...(await appendAndKill(folder, run)))
  expect(acknowledged.length).toBeGreaterThan(KILLS)

  await using log = await openEmbeddedLog({ folder, clock: systemClock })
  // Reading checks every batch's checksum.
  const stored = await readAll(log, 't')
  for (const records of stored.values()) {
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => i))
  }
  for (const { partition, offset, key, size } of acknowledged) {
    const record = stored.get(partition)?.[offset]
    expect(record?.key).toBe(key)
    expect(Buffer.alloc(size, key).equals(record?.value ?? Buffer.from('absent'))).toBe(true)
  }
  const db = new DatabaseSync(join(folder, 'log.sqlite'))
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
})
