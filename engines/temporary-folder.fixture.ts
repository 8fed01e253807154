import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** The path of a folder that exists while the tests of this file, or of this `describe`, run. */
export function temporaryFolder(): string {
  const folder = join(tmpdir(), `freshet-test-${randomUUID()}`)
  beforeAll(() => mkdir(folder))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}
