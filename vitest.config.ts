import { defineConfig } from 'vitest/config'

// chDB segfaults in worker threads, hence forks; two cores, hence two of them.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'data/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
