import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './tests/closing-line-reporter.ts'

/** Whole instances in processes of their own: alone, after the rest. */
const WHOLE_INSTANCES = ['tests/{crash,broker,faults,parity}/**/*.test.ts']
const NOT_OURS = ['node_modules/**', 'data/**', '.servers/**']

/**
 * Twenty times what a test takes on a quiet machine: a limit is there to end what hangs, and tests pass on a machine that
 * does other work too. What measures stands in bench/.
 */
const TEST_MS = 180_000
const INSTANCE_TEST_MS = 900_000
const POLL_MS = 120_000

/** chDB segfaults in worker threads, hence forks; two cores, hence two of them. */
const shared = { pool: 'forks', expect: { poll: { timeout: POLL_MS } } } as const

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        test: {
          ...shared,
          name: 'folders',
          include: ['**/*.test.ts'],
          exclude: [...NOT_OURS, ...WHOLE_INSTANCES],
          testTimeout: TEST_MS,
          hookTimeout: TEST_MS,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'instances',
          include: WHOLE_INSTANCES,
          exclude: NOT_OURS,
          testTimeout: INSTANCE_TEST_MS,
          hookTimeout: INSTANCE_TEST_MS,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
