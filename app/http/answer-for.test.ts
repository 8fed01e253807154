import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { loadConfig } from '#app/config.ts'
import { openEmbeddedCache } from '#engines/cache/embedded/embedded-cache.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { answerFor } from './answer-for.ts'

test('a process of any role has health, its document and the pages of problems', async () => {
  await using cache = openEmbeddedCache({ maxEntries: 10, clock: systemClock })
  const context = {
    config: loadConfig({ data: '/nowhere', port: 0 }, {}),
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
  }
  await using server = await answerFor([], { clock: systemClock, cache }, context)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  const document: unknown = await (await fetch(`${server.url}/openapi.json`)).json()
  expect(document).toMatchObject({ info: { title: 'Freshet' } })
  const { type } = (await (await fetch(`${server.url}/no`)).json()) as { readonly type: string }
  const page = await fetch(server.url + type)
  expect(await page.text()).toMatch(/^# not-found\n/)
})
