import { expect, test } from 'vitest'
import { editionFor } from './registry.ts'

test.each([
  [[17, 25], '3.3.3'],
  [[21], '3.3.3'],
  [[17], '2.6.13.Final'],
  [[], '2.6.13.Final'],
])('with Java %j it is Apicurio %s', (releases, version) => {
  expect(editionFor(releases).version).toBe(version)
})
