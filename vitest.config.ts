import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './tests/closing-line-reporter.ts'

/** Whole instances in processes of their own, which time: alone, after the rest. */
const WHOLE_INSTANCES = ['tests/{crash,broker,faults,parity}/**/*.test.ts']
const NOT_OURS = ['node_modules/**', 'data/**', '.servers/**']

// chDB segfaults in worker threads, hence forks; two cores, hence two of them.
const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

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
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
