import { expect, test } from 'vitest'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { withServer } from '../servers/with-server.ts'
import { brokerFlaws } from './broker-flaws.ts'
import { INCIDENTS } from './broker-rounds.ts'
import { brokerRun } from './broker-run.ts'

const folder = temporaryFolder()

withServer('kafka', () => {
  test('nothing is lost or doubled when members die, halt, come and go, and the broker is killed', async () => {
    const summary = await brokerRun({ rounds: INCIDENTS.length, seed: 5, folder })
    expect(brokerFlaws(summary)).toEqual([])
    expect(summary.acknowledged).toBeGreaterThan(5_000)
  })
})
