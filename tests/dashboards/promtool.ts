import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const isThere = spawnSync('promtool', ['--version']).status === 0
const isRequired = process.env['REQUIRE_PROMTOOL'] === '1'

/** Registers tests that need promtool. Without it a skipped test says so; with `REQUIRE_PROMTOOL=1` it fails instead. */
export function withPromtool(register: (run: (...args: string[]) => string) => void): void {
  if (isThere) register(promtool)
  else needsPromtool()
}

function needsPromtool(): void {
  test.skipIf(!isRequired)('needs promtool: install the package prometheus', () => {
    expect.fail('REQUIRE_PROMTOOL=1, and there is none')
  })
}

/** Its output. @throws Error with the output of a check that failed */
function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' })
}
