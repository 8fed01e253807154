import { expect, test } from 'vitest'
import { statusOf } from '#cluster/engines/status-of.ts'
import type { EngineName } from '#cluster/running-engines.ts'

/**
 * Registers tests that need a server. Its URL comes from `TEST_KAFKA_URL` and the like, or from what `npm run engines`
 * started. Without one a skipped test says what to do; with `REQUIRE_KAFKA=1` it fails instead.
 */
export function withEngine(engine: EngineName, register: (url: string) => void): void {
  const url = process.env[`TEST_${engine.toUpperCase()}_URL`] || urlOfRunning(engine)
  if (url === undefined)
    needs(engine, `${engine}: start it with \`npm run engines -- up ${engine}\``)
  else register(url)
}

/** A test that is skipped with what it needs, or that fails where the engine is required. */
export function needs(engine: EngineName, what: string): void {
  const required = `REQUIRE_${engine.toUpperCase()}`
  test.skipIf(process.env[required] !== '1')(`needs ${what}`, () => {
    expect.fail(`${required}=1, and there is none`)
  })
}

/** None of what has died since it was started. */
function urlOfRunning(engine: EngineName): string | undefined {
  const [status] = statusOf([engine])
  return status?.state === 'died' ? undefined : status?.url
}
