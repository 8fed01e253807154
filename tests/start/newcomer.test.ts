import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askRows } from '#app/ask-sql.ts'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { DEMO } from '#ingest/demo.ts'
import { replayDataset, surveyDataset } from '#ingest/replay/dataset.ts'
import { ledgerOf, Started } from './started.ts'

const folder = temporaryFolder()

interface Sums {
  readonly events: number
  readonly orders: number
  readonly units: number
  readonly revenue_minor: number
}

/** What the demo's file holds, counted without Freshet's tables. */
async function fileSums(): Promise<Sums> {
  const survey = await surveyDataset(DEMO)
  const sums = { events: 0, orders: 0, units: 0, revenue_minor: 0 }
  for await (const event of replayDataset(DEMO, { survey, shiftMs: 0 })) {
    sums.events += 1
    if (event.type !== 'OrderPlaced') continue
    sums.orders += 1
    for (const { quantity, unit_price_minor } of event.lines) {
      sums.units += quantity
      sums.revenue_minor += quantity * unit_price_minor
    }
  }
  return sums
}

/** What the tables hold of the demo, repeats not counted. */
async function demoSums(url: string): Promise<Sums> {
  await settled(url)
  const [row] = await askRows<Record<keyof Sums, string>>(
    url,
    `SELECT uniqExact(event_id) AS events, countIf(type = 'OrderPlaced') AS orders,
       sum(arraySum(arrayMap(line -> line.1, lines))) AS units,
       sum(arraySum(arrayMap(line -> line.1 * line.2, lines))) AS revenue_minor
     FROM (
       SELECT event_id, type, JSONExtract(payload, 'lines', 'Array(Tuple(quantity Int64, unit_price_minor Int64))') AS lines
       FROM events WHERE source = 'dataset' AND dup = 0
     )`,
  )
  return {
    events: Number(row?.events),
    orders: Number(row?.orders),
    units: Number(row?.units),
    revenue_minor: Number(row?.revenue_minor),
  }
}

/** Resolves when all that was in the log at this moment is processed. */
async function settled(url: string): Promise<void> {
  const { appended } = await ledgerOf(url)
  await expect
    .poll(
      async () => {
        const ledger = await ledgerOf(url)
        return ledger.balanced && ledger.appended - ledger.pending >= appended
      },
      { interval: 200 },
    )
    .toBe(true)
}

async function isDemoComplete(): Promise<boolean | undefined> {
  const text = await readFile(join(folder, 'demo.json'), 'utf8').catch(() => '{}')
  // It may be read while it is written.
  return text === '' ? undefined : (JSON.parse(text) as { complete?: boolean }).complete
}

async function logBytes(): Promise<number> {
  return (await stat(join(folder, 'log', 'log.sqlite-wal'))).size
}

const start = (...more: readonly string[]) =>
  new Started(['start', '--port', '0', '--data', folder, ...more])

test('killed while the demo loads, a second start completes it exactly, and the curl lines it prints work', async () => {
  {
    using first = start('--no-simulator')
    while ((await isDemoComplete()) === undefined) await sleep(2)
    const before = await logBytes()
    while ((await logBytes()) < before + 100_000) await sleep(2)
    first.send('SIGKILL')
    await first.ended
    expect(await isDemoComplete()).toBe(false)
  }

  using second = start()
  const url = await second.ready()
  await second.says(/(Ctrl-C stops it)/)
  expect(await demoSums(url)).toEqual(await fileSums())
  expect(await isDemoComplete()).toBe(true)

  const lines = [...second.said.matchAll(/curl '(.+)'/g)].map(([, address]) => address ?? '')
  expect(lines).toHaveLength(3)
  const answers = await Promise.all(
    lines.map(async (line) => {
      const answer = await fetch(line)
      expect([line, answer.status]).toEqual([line, 200])
      return (await answer.json()) as { items?: unknown[]; points?: unknown[] }
    }),
  )
  expect(answers.map(({ items, points }) => (items ?? points ?? []).length)).toEqual([
    5,
    5,
    expect.any(Number),
  ])
  expect(answers[2]?.points?.length).toBeGreaterThan(0)
  const page = await fetch(`${url}/`)
  expect(page.headers.get('content-type')).toContain('text/html')

  // The simulated customers are shopping.
  const before = await ledgerOf(url)
  await expect
    .poll(async () => (await ledgerOf(url)).appended, { interval: 200 })
    .toBeGreaterThan(before.appended + 5)

  // npm forwards a Ctrl-C that the terminal has sent to the process already.
  second.send('SIGINT')
  second.send('SIGINT')
  const { code, signal, stdout, stderr } = await second.ended
  expect({ code, signal }).toEqual({ code: 0, signal: null })
  expect(stdout).toBe(`Freshet is ready at ${url}\n`)
  expect(stderr).toMatch(/draining …\nstopped; everything is saved\.\n$/)
})

test('another start on the same folder doubles nothing and is ready at once', async () => {
  using third = start('--no-simulator')
  const url = await third.ready()
  expect(await demoSums(url)).toEqual(await fileSums())
  const ledger = await ledgerOf(url)
  expect(ledger.balanced).toBe(true)

  // A container is stopped with SIGTERM.
  third.send('SIGTERM')
  expect(await third.ended).toMatchObject({ code: 0, signal: null })
})
