import { expect, test } from 'vitest'
import { render } from './render.ts'
import { schemaViolations } from './schema-violations.ts'
test.each(['base', 'overlays/local', 'overlays/production'])('%s', async (o) => {
  const found = (await Promise.all(render(o).map(schemaViolations))).flat()
  expect(found).toEqual([])
})
