import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askRows } from '#app/ask-sql.ts'
import { loadConfig } from '#app/config.ts'
import { type Instance, startInstance } from '#app/instance.ts'
import { outputOf } from '#app/output.fixture.ts'
import { ManualClock } from '#engines/clock/manual-clock.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { DEMO } from '#ingest/demo.ts'
import { surveyDataset } from '#ingest/replay/dataset.ts'
import { archived, sendDemo } from './demo-shop.ts'
import { sayWhatToTry } from './say-what-to-try.ts'
import { runSimulator } from './simulator.ts'

const logger = pino({ level: 'silent' })

describe('a whole instance', { timeout: 120_000 }, () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let instance: Instance
  beforeAll(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'freshet-demo-'))
    instance = await startInstance({ config: loadConfig({ data: folder.path }, {}), logger })
  })
  afterAll(async () => {
    await instance[Symbol.asyncDispose]()
    await folder.remove()
  })

  const options = (signal = new AbortController().signal) => {
    const { url } = instance
    return {
      ingestUrl: url,
      serveUrl: url,
      dataFolder: folder.path,
      clock: systemClock,
      logger,
      signal,
    }
  }
  const counted = async () => {
    await archived(options())
    const [row] = await askRows<{ orders: string; repeats: string; newest: string }>(
      instance.url,
      `SELECT countIf(type = 'OrderPlaced' AND dup = 0) AS orders, countIf(dup = 1) AS repeats,
        toUnixTimestamp64Milli(max(event_time)) AS newest FROM events`,
    )
    return row
  }
  const marker = async () =>
    JSON.parse(await readFile(join(folder.path, 'demo.json'), 'utf8')) as { shift_ms: number }

  test('without customers a newcomer is shown a call for a customer who does not exist yet', async () => {
    const { stderr } = await outputOf(() => sayWhatToTry(instance.url))
    expect(stderr).toContain(`curl '${instance.url}/v1/recommendations/users/you?limit=5'`)
  })

  test('a load that was cut short is continued: every order once, and the newest of them at the time of the first try', async () => {
    const survey = await surveyDataset(DEMO)
    const stop = new AbortController()
    // Passes on what is sent, and stops the load at the fourth request.
    let requests = 0
    const passing = createServer((request, response) => {
      requests += 1
      if (requests === 4) stop.abort()
      const { method = '', url = '', headers } = request
      const onward = httpRequest(new URL(url, instance.url), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      request.pipe(onward)
    })
    await new Promise<void>((resolve) => passing.listen(0, '127.0.0.1', resolve))
    const ingestUrl = `http://127.0.0.1:${(passing.address() as AddressInfo).port}`
    await expect(sendDemo({ ...options(stop.signal), ingestUrl })).rejects.toThrow(/abort/)
    passing.close()
    const { shift_ms } = await marker()

    await sendDemo(options())
    expect(await counted()).toEqual({
      orders: String(survey.orders),
      repeats: '0',
      newest: String((survey.newest ?? 0) + shift_ms),
    })
    expect(await marker()).toEqual({ shift_ms, complete: true })
  })

  test('what was sent is not sent again', async () => {
    const before = await counted()
    // Nothing listens at this address: a request would fail.
    await sendDemo({ ...options(), ingestUrl: 'http://127.0.0.1:1', clock: new ManualClock() })
    expect(await counted()).toEqual(before)
  })

  test('a marker that cannot be read is no marker: the events keep their ids, and count once', async () => {
    const before = await counted()
    await writeFile(join(folder.path, 'demo.json'), '{"complete":')
    await sendDemo(options())
    const after = await counted()
    expect(after?.orders).toBe(before?.orders)
    expect(Number(after?.repeats)).toBeGreaterThan(0)
  })

  test('a newcomer is shown calls that answer', async () => {
    const { stdout, stderr } = await outputOf(() => sayWhatToTry(instance.url))
    expect(stdout).toBe('')
    const urls = [...stderr.matchAll(/curl '(\S+)'/g)].map(([, url = '']) => url)
    expect(urls).toHaveLength(3)
    for (const url of urls) expect((await fetch(url)).status).toBe(200)
  })

  test('simulated customers shop until they are told to stop', async () => {
    const views = async () => {
      const [row] = await askRows<{ n: string }>(
        instance.url,
        "SELECT count() AS n FROM events WHERE type = 'ProductViewed'",
      )
      return Number(row?.n)
    }
    const stop = new AbortController()
    const running = runSimulator(options(stop.signal)).catch((error: unknown) => error)
    while ((await views()) < 3) await systemClock.sleep(50)
    stop.abort()
    await running
    const [stranger] = await askRows<{ n: string }>(
      instance.url,
      "SELECT count() AS n FROM events WHERE type = 'ProductViewed' AND product_id NOT IN (SELECT product_id FROM products)",
    )
    expect(stranger).toEqual({ n: '0' })
  })
})
