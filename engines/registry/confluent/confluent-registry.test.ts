import { pino } from 'pino'
import { withEngine } from '#engines/test-engines.ts'
import { registryContract } from '../contract.ts'
import { openConfluentRegistry } from './confluent-registry.ts'

const logger = pino({ level: 'silent' })

withEngine('registry', (url) => {
  registryContract('the registry of the Confluent API', () =>
    openConfluentRegistry({ url, logger }),
  )
})
