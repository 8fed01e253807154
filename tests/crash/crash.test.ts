import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import type { KillPoint } from './crash-plan.ts'
import { crashRun } from './crash-run.ts'
import { flawsOf } from './flaws-of.ts'

const SEED = 20_261_122
const FRESH_SEED = Date.now() % 1_000_000

async function run(options: {
  readonly seed: number
  readonly kills: number
  readonly delivery?: Delivery
  readonly points?: readonly KillPoint[]
}) {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-crash-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return crashRun({ delivery: 'exactly-once', ...options, folder })
}

test.each([
  ['at every point', { seed: SEED, kills: 7 }],
  [
    `anywhere (seed ${FRESH_SEED})`,
    { seed: FRESH_SEED, kills: 5, points: ['at-random', 'mid-insert', 'mid-append'] as const },
  ],
])('what is acknowledged is counted once, killed %s', async (_, options) => {
  const summary = await run(options)
  expect(summary.acknowledged).toBeGreaterThan(1_000)
  expect(summary.duplicates).toBeGreaterThan(0)
  expect(summary.late).toBeGreaterThan(0)
  expect(summary.pane_keys).toBeGreaterThan(100)
  expect(summary.ledgers).toBeGreaterThan(0)
  expect(flawsOf(summary)).toEqual([])
})

test('without the intent the same run doubles rows, and the audit sees it', async () => {
  const summary = await run({
    seed: SEED,
    kills: 3,
    delivery: 'at-least-once',
    points: ['after-insert'],
  })
  expect(summary.acknowledged).toBeGreaterThan(500)
  expect(summary.doubled).toBeGreaterThan(0)
  expect(summary.doubled_records).toBeGreaterThan(0)
  expect(summary.panes_wrong).toBeGreaterThan(0)
  expect(summary.unbalanced).toBeGreaterThan(0)
  expect(flawsOf(summary).length).toBeGreaterThan(3)
})
