import { describe } from 'vitest'
import { type LogAdapter, logFixture } from './contract.fixture.ts'
import { appendContract } from './contract-append.ts'
import { fetchContract } from './contract-fetch.ts'
import { groupContract } from './contract-group.ts'
import { rebalanceContract } from './contract-rebalance.ts'

/** What every log must do. Rebalances may take seconds, and a lease may be lost and taken again at any time. */
export function logContract(name: string, adapter: LogAdapter): void {
  const withLog = logFixture(adapter)
  describe(`${name} keeps the log contract`, () => {
    appendContract(adapter, withLog)
    fetchContract(withLog)
    groupContract(withLog)
    rebalanceContract(withLog)
  })
}
