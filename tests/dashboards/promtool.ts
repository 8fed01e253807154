import { execFileSync } from 'node:child_process'
import { test } from 'vitest'

const MISSING =
  'needs promtool: install the package prometheus (Debian), or set REQUIRE_PROMTOOL=1 to fail'

/** Registers tests that need promtool; without it one skipped test says so, and with `REQUIRE_PROMTOOL=1` it fails. */
export function withPromtool(register: (run: (...args: string[]) => string) => void): void {
  if (isThere()) {
    register((...args) => execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' }))
    return
  }
  if (process.env['REQUIRE_PROMTOOL'] !== '1') {
    test.skip(MISSING)
    return
  }
  test(MISSING, () => {
    throw new Error('REQUIRE_PROMTOOL=1, and there is none')
  })
}

function isThere(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
