import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Delivery } from '#pipeline/exactly-once-store.ts'
import { faultFlaws } from './fault-flaws.ts'
import type { Fault, FaultName } from './fault-plan.ts'
import { faultRun } from './fault-run.ts'

const SEED = Date.now() % 1_000_000

const faultsOfTables = (ms: number, ...names: readonly FaultName[]): readonly Fault[] =>
  names.map((name) => ({ target: 'tables', name, ms, bytes: 50 }))

async function run(options: { readonly faults: readonly Fault[]; readonly delivery?: Delivery }) {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-faults-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return faultRun({ seed: SEED, rounds: 0, delivery: 'exactly-once', folder, ...options })
}

test(`what is acknowledged is counted once, whatever the tables go through (seed ${SEED})`, async () => {
  const faults = [
    ...faultsOfTables(1_200, 'reset-after-sent', 'half-answer', 'half-request', 'slow'),
    ...faultsOfTables(3_000, 'down'),
  ]
  const summary = await run({ faults })
  expect(summary.acknowledged).toBeGreaterThan(1_000)
  expect(summary.pane_keys).toBeGreaterThan(100)
  expect(summary.ledgers).toBeGreaterThan(1)
  expect(faultFlaws(summary)).toEqual([])
})

test('without the protocol, answers that get lost double rows, and the audit sees it', async () => {
  // Several times, because the breaker opens soon and then no insert is sent for a while.
  const resets = Array.from({ length: 4 }, () => 'reset-after-sent' as const)
  const summary = await run({
    faults: faultsOfTables(2_000, ...resets),
    delivery: 'at-least-once',
  })
  expect(summary.acknowledged).toBeGreaterThan(500)
  expect(summary.doubled_records).toBeGreaterThan(0)
  expect(summary.unbalanced).toBeGreaterThan(0)
  expect(faultFlaws(summary).length).toBeGreaterThan(1)
})
