import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CommanderError } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outputOf } from '#app/output.fixture.ts'
import { type CollectorFixture, startCollector } from '#ingest/http/collector.fixture.ts'
import { ingestCommand } from './ingest.ts'

const HEADER = 'event_id,type,user_id,session_id,item_id,ts,price,quantity,value'
const ROWS = [
  'e1,view,u1,s1,p1,2015-01-01T10:00:00.000Z,,,',
  'e2,purchase,u1,s1,p1,2015-01-01T10:05:00.000Z,2.50,2,',
  'e3,purchase,u1,s1,p2,2015-01-01T10:05:00.000Z,1,,',
]

describe('freshet ingest', () => {
  let collector: CollectorFixture
  let folder: string
  beforeAll(async () => {
    collector = await startCollector()
    folder = await mkdtemp(join(tmpdir(), 'freshet-ingest-command-'))
  })
  afterAll(async () => {
    await collector[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }

  const run = (...args: string[]) =>
    outputOf(() => ingestCommand().exitOverride().parseAsync(args, { from: 'user' }))

  test('sends the catalogue and the events of a gzipped file, and sums up as JSON', async () => {
    const events = await file('events.csv.gz', gzipSync([HEADER, ...ROWS].join('\n')))
    const catalogue = await file('catalogue.csv', 'item_id,title,category,price\np1,Pot,tea,2.5\n')
    const args = ['--catalogue', catalogue, '--url', collector.url, '--json', '--currency', 'EUR']
    const { stdout, stderr, exitCode } = await run(events, ...args)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      events: 3,
      products: 1,
      orders: 1,
      acknowledged: 3,
      rejected: 0,
      seconds: expect.any(Number),
      events_per_second: expect.any(Number),
    })
    expect(exitCode).toBe(0)
    const order = (await collector.stored()).find(({ type }) => type === 'OrderPlaced')
    expect(order).toMatchObject({
      event_id: 'e2',
      event_time: Date.UTC(2015, 0, 1, 10, 5),
      currency: 'EUR',
      lines: [{ unit_price_minor: 250 }, { unit_price_minor: 100 }],
    })
  })

  test('--as-of-now makes the newest event now, and the summary is a sentence', async () => {
    const events = await file('now.csv', [HEADER, `n1${ROWS[0]?.slice(2)}`].join('\n'))
    const before = Date.now()
    const { stdout, stderr, exitCode } = await run(events, '--as-of-now', '--url', collector.url)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^1 of 1 events acknowledged \(0 orders, 0 products\), 0 rejected, in /)
    expect(exitCode).toBe(0)
    const [view] = (await collector.stored()).filter(({ event_id }) => event_id === 'n1')
    expect(view?.event_time).toBeGreaterThanOrEqual(before)
    expect(view?.event_time).toBeLessThanOrEqual(Date.now())
  })

  test('exits 1 and names the events that were rejected', async () => {
    const long = 'ä'.repeat(100)
    const rows = [ROWS[0]?.replace('u1', long), ROWS[1]]
    const events = await file('rejected.csv', [HEADER, ...rows].join('\n'))
    const { stderr, exitCode } = await run(events, '--url', collector.url)
    expect(stderr).toContain(
      'rejected e1 (too_long): /user_id must not exceed 128 bytes of UTF-8\n',
    )
    expect(stderr).toContain('1 of 2 events acknowledged')
    expect(exitCode).toBe(1)
  })

  test.each([
    ['a file that is not there', '/nowhere.csv', undefined, /there is no such file/],
    ['a file of another kind', 'other.csv', 'a,b\n1,2\n', /the header has no column event_id/],
    ['a file without events', 'empty.csv', HEADER, /holds no event/],
    [
      'a bad row',
      'bad.csv',
      `${HEADER}\n${ROWS[0]?.replace('view', 'eat')}`,
      /line 2: type must be/,
    ],
  ])('%s is one sentence, and nothing is sent', async (_what, name, content, message) => {
    const before = (await collector.stored()).length
    const path = content === undefined ? name : await file(name, content)
    const { stderr, exitCode } = await run(path, '--url', collector.url)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(exitCode).toBe(1)
    expect(await collector.stored()).toHaveLength(before)
  })

  test('a URL at which nothing answers is one sentence', async () => {
    const events = await file('lonely.csv', [HEADER, ...ROWS].join('\n'))
    const { stderr, exitCode } = await run(events, '--url', 'http://127.0.0.1:1')
    expect(stderr).toMatch(/^freshet: nothing answers at http:\/\/127\.0\.0\.1:1 \(.*--url\n$/)
    expect(exitCode).toBe(1)
  })

  test.each([[['f.csv', '--rate', '0']], [['f.csv', '--currency', 'pounds']], [['f.csv', '--x']]])(
    'wrong usage %j is told apart from failure',
    async (args) => {
      await expect(run(...args)).rejects.toBeInstanceOf(CommanderError)
    },
  )
})
