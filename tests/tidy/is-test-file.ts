import { matchesGlob } from 'node:path'

/** The names of files that only tests use, wherever they stand. */
export const TEST_FILES = [
  '**/*.test.ts',
  '**/contract*.ts',
  '**/*.fixture.ts',
  '{tests,bench,docs/tour}/**',
  'dev/**',
  'vitest.config.ts',
]

export function isTestFile(path: string): boolean {
  return TEST_FILES.some((glob) => matchesGlob(path, glob))
}
