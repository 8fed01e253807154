import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kafkaSecrets } from './kafka-secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('secrets are generated once per folder, readable by their owner only', () => {
  const first = kafkaSecrets(join(folder, 'a'))
  expect(kafkaSecrets(join(folder, 'a'))).toEqual(first)
  expect(kafkaSecrets(join(folder, 'b')).password).not.toBe(first.password)
  expect(statSync(dirname(first.keystore)).mode & 0o777).toBe(0o700)
})

test('a cluster id is 16 bytes in base64url and never looks like an option', () => {
  // Unmasked, one in 64 would begin with a dash.
  const ids = Array.from(
    { length: 500 },
    (_, each) => kafkaSecrets(join(folder, String(each))).clusterId,
  )
  expect(ids.filter((id) => !/^[\w][\w-]{21}$/.test(id))).toEqual([])
})
