import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contractRun } from './contract-run.ts'

test('only the suites of the named servers run, with their URLs', () => {
  expect(contractRun({ cache: 'redis://a:1', log: 'kafka://b:2' })).toEqual({
    folders: ['tests/servers/kafka', 'tests/servers/redis'],
    environment: { TEST_KAFKA_URL: 'kafka://b:2', TEST_REDIS_URL: 'redis://a:1' },
  })
})

test('the folder of every suite exists', () => {
  const all = { log: 'l', registry: 'r', tables: 't', vectors: 'v', cache: 'c' }
  const { folders } = contractRun(all)
  expect(folders).toHaveLength(5)
  const root = join(import.meta.dirname, '..')
  expect(folders.filter((folder) => !existsSync(join(root, folder)))).toEqual([])
})
