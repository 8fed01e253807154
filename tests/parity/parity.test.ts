import { join } from 'node:path'
import { pino } from 'pino'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '#app/config.ts'
import { ALL_ENGINES, openEngines } from '#app/engines/open-engines.ts'
import { instanceSettings } from '#dev/processes/instance-settings.ts'
import { startOwnServers } from '#dev/processes/own-servers.ts'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { withServer } from '../servers/with-server.ts'
import { type Outcome, outcomeOf } from './outcome-of.ts'

const EVENTS = 50_000

const folder = temporaryFolder()

withServer('kafka', () => {
  describe('the same history, embedded and on servers', () => {
    let embedded: Outcome
    let cluster: Outcome
    beforeAll(async () => {
      embedded = await outcome({})
      await using own = await startOwnServers({ folder: join(folder, 'servers'), wipe: true })
      // As many partitions as in one process: a record then has the same place in both logs.
      cluster = await outcome({ ...instanceSettings(own.servers), LOG_PARTITIONS: '4' })
    })

    test('has everything in it that is hard', () => {
      const events = embedded.rows['raw_events'] as { dup: number; late: number; clamped: number }[]
      expect(events).toHaveLength(EVENTS)
      for (const flag of ['dup', 'late', 'clamped'] as const)
        expect(events.filter((row) => row[flag] === 1).length).toBeGreaterThan(100)
      expect(embedded.rows['dead_letters']?.length).toBeGreaterThan(0)
      expect(embedded.vectors.length).toBeGreaterThan(10)
      expect(embedded.recommendations.length).toBeGreaterThan(100)
    })

    test.for(['raw_events', 'order_panes', 'product_panes', 'catalogue', 'dead_letters'])(
      'gives the same rows in %s',
      (table) => {
        expect(cluster.rows[table]).toEqual(embedded.rows[table])
      },
    )

    test('gives the same text vectors', () => {
      expect(cluster.vectors).toEqual(embedded.vectors)
    })

    test('gives the same recommendations', () => {
      expect(cluster.recommendations).toEqual(embedded.recommendations)
    })
  })
})

async function outcome(environment: Readonly<Record<string, string>>): Promise<Outcome> {
  const data = join(folder, Object.keys(environment).length === 0 ? 'embedded' : 'cluster')
  const config = loadConfig({ data }, environment)
  await using engines = await openEngines(ALL_ENGINES, config, pino({ level: 'silent' }))
  return await outcomeOf(engines, config, EVENTS)
}
