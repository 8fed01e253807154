import { expect, test } from 'vitest'
import { CURRENCIES_BY_DECIMALS, DECIMALS_DEFAULT } from '#schemas/currencies.ts'

test('the page knows the currencies of schemas/currencies.ts: else run this test with `-u`', async () => {
  const entries = [...CURRENCIES_BY_DECIMALS].map(
    ([decimals, currencies]) => `  [${decimals}, '${currencies.join(' ')}'.split(' ')],\n`,
  )
  const text = `// Written from schemas/currencies.ts by currencies.test.ts.
export const DECIMALS_DEFAULT = ${DECIMALS_DEFAULT}
export const CURRENCIES_BY_DECIMALS = new Map([
${entries.join('')}])
`
  await expect(text).toMatchFileSnapshot('currencies.js')
})
