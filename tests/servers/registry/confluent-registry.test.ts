import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openConfluentRegistry } from '#engines/registry/confluent/confluent-registry.ts'
import { registryContract } from '#engines/registry/contract.ts'
import { withServer } from '../with-server.ts'

const logger = pino({ level: 'silent' })

withServer('registry', (url) => {
  const open = () => openConfluentRegistry({ url, logger })
  registryContract('the registry of the Confluent API', open)

  test('processes that register new subjects at once agree, and none fails', async () => {
    const registries = await Promise.all(Array.from({ length: 4 }, open))
    const unique = `Race${randomUUID().replaceAll('-', '')}`
    for (let i = 0; i < 5; i++) {
      const schema = JSON.stringify({ type: 'record', name: `${unique}${i}`, fields: [] })
      const ids = await Promise.all(
        registries.map((registry) => registry.register(`${unique}${i}`, schema)),
      )
      expect(new Set(ids).size).toBe(1)
    }
  })
})
