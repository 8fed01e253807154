import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { logContract } from '../contract.ts'
import { openEmbeddedLog } from './embedded-log.ts'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'freshet-log-'))
})
afterAll(() => rm(root, { recursive: true }))

logContract('the embedded log', {
  newHome: () => mkdtemp(join(root, 'home-')),
  open: (folder) => openEmbeddedLog({ folder, clock: systemClock }),
  openWithSmallQueue: (folder) =>
    openEmbeddedLog({ folder, clock: systemClock, queueBytesMax: 64 * 1024 }),
})
