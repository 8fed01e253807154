import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withServer } from '../servers/with-server.ts'
import { brokerFlaws } from './broker-flaws.ts'
import { TROUBLES } from './broker-rounds.ts'
import { brokerRun } from './broker-run.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-broker-'))
})
afterAll(() => rm(folder, { recursive: true }))

withServer('kafka', () => {
  test('nothing is lost or doubled when members die, halt, come and go, and the broker is killed', async () => {
    const summary = await brokerRun({ rounds: TROUBLES.length, seed: 5, folder })
    expect(brokerFlaws(summary)).toEqual([])
    expect(summary.acknowledged).toBeGreaterThan(5_000)
  })
})
