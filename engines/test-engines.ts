import { test } from 'vitest'
import { type EngineName, runningEngines } from '#cluster/running-engines.ts'

/**
 * Registers tests that need a server. Its URL comes from `TEST_KAFKA_URL` and the like, or from what `npm run engines`
 * started. Without one a skipped test says what to do; with `REQUIRE_KAFKA=1` it fails instead.
 */
export function withEngine(engine: EngineName, register: (url: string) => void): void {
  const key = engine.toUpperCase()
  const url = process.env[`TEST_${key}_URL`] || runningEngines()[engine]?.url
  if (url !== undefined) {
    register(url)
    return
  }
  const missing = `needs ${engine}: start it with \`npm run engines -- up ${engine}\``
  if (process.env[`REQUIRE_${key}`] !== '1') {
    test.skip(missing)
    return
  }
  test(missing, () => {
    throw new Error(`REQUIRE_${key}=1, and there is none`)
  })
}
