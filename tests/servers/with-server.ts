import { expect, test } from 'vitest'
import type { ServerName } from '#dev/running-servers.ts'
import { statusOf } from '#dev/servers/status-of.ts'

/**
 * Registers tests that need a server. Its URL comes from `TEST_KAFKA_URL` and the like, or from what `npm run servers`
 * started. Without one a skipped test says what to do; with `REQUIRE_KAFKA=1` it fails instead.
 */
export function withServer(server: ServerName, register: (url: string) => void): void {
  const url = process.env[`TEST_${server.toUpperCase()}_URL`] || urlOfRunning(server)
  if (url === undefined)
    needs(server, `${server}: start it with \`npm run servers -- up ${server}\``)
  else register(url)
}

/** A test that is skipped with what it needs, or that fails where the server is required. */
export function needs(server: ServerName, what: string): void {
  const required = `REQUIRE_${server.toUpperCase()}`
  test.skipIf(process.env[required] !== '1')(`needs ${what}`, () => {
    expect.fail(`${required}=1, and there is none`)
  })
}

/** Without servers that have died since they were started. */
function urlOfRunning(server: ServerName): string | undefined {
  const [status] = statusOf([server])
  return status?.state === 'died' ? undefined : status?.url
}
