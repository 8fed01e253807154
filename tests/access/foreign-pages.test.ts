import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ledgerOf, Started } from '../start/started.ts'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const hasChromium = existsSync(CHROMIUM)
const isRequired = process.env['REQUIRE_BROWSER'] === '1'
const EVERY_NAME_IS_THIS_MACHINE = '--host-resolver-rules=MAP *.test 127.0.0.1'
const BROWSER = ['--no-sandbox', '--disable-gpu', '--no-first-run', EVERY_NAME_IS_THIS_MACHINE]
const WITHIN = { timeout: 15_000 }

test('there is a browser to attack with', (context) => {
  const missing = `NO BROWSER at ${CHROMIUM}: no page attacked. Install chromium or set CHROMIUM_PATH.`
  if (!hasChromium) process.stderr.write(`\n${missing}\n`)
  context.skip(!hasChromium && !isRequired, missing)
  expect(hasChromium, missing).toBe(true)
})

/** What the page could read of an answer, or `nothing`. */
interface Sent {
  readonly status: number
  readonly text: string
}
const NOTHING: Sent = { status: 0, text: 'nothing' }

describe.runIf(hasChromium)('a running Freshet and pages in a browser on its machine', () => {
  let folder: string
  let freshet: Started
  let port: string
  let browser: Browser
  let site: Server
  let sitePort: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freshet-access-'))
    site = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<title>another site</title>')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => site.once('listening', resolve))
    sitePort = (site.address() as AddressInfo).port
    const args = ['start', '--port', '0', '--data', folder, '--no-demo', '--no-simulator']
    freshet = new Started(args, { ALLOWED_ORIGINS: `http://shop.test:${sitePort}` })
    port = new URL(await freshet.ready()).port
    browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER })
  })
  afterAll(async () => {
    await browser?.close()
    freshet?.send('SIGTERM')
    await freshet?.ended
    site?.close()
    await rm(folder, { recursive: true })
  })

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage()
    await page.goto(url)
    return page
  }

  /** Sends from the page, as the attacker or the shop would. */
  function send(page: Page, url: string, options: object): Promise<Sent> {
    const script = `fetch(${JSON.stringify(url)}, ${JSON.stringify(options)})
      .then(async (answer) => ({ status: answer.status, text: (await answer.text()) || 'nothing' }))
      .catch(() => (${JSON.stringify(NOTHING)}))`
    return page.evaluate<Sent>(script)
  }

  /** Sends as pages do while they are left: no script can read the answer. */
  async function beacon(page: Page, url: string, user: string): Promise<void> {
    const sent = `navigator.sendBeacon(${JSON.stringify(url)}, ${JSON.stringify(event(user))})`
    expect(await page.evaluate(sent)).toBe(true)
  }

  const event = (user: string) =>
    JSON.stringify({ type: 'ProductViewed', user_id: user, product_id: 'p1' })
  const sql = (query: string) => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const events = () => `http://127.0.0.1:${port}/v1/events`
  const appended = async () => (await ledgerOf(`http://127.0.0.1:${port}`)).appended

  /** Whatever was sent before has had the time that a later beacon of the shop takes to be counted. */
  async function onlyTheShopIsCounted(before: number): Promise<void> {
    const page = await open(`http://shop.test:${sitePort}/`)
    await beacon(page, events(), 'shopper')
    await expect.poll(appended, WITHIN).toBeGreaterThan(before)
    expect(await appended()).toBe(before + 1)
    await page.close()
  }

  test('a page whose name is pointed at this machine reads nothing and writes nothing', async () => {
    const before = await appended()
    const page = await open(`http://evil.test:${port}/`)
    const read = await send(page, '/v1/sql', sql('SELECT 42'))
    expect([read.status, read.text]).toEqual([421, expect.stringContaining('ALLOWED_HOSTS')])
    expect((await send(page, '/v1/ledger', {})).status).toBe(421)
    await send(page, '/v1/events', { method: 'POST', body: event('rebound') })
    await beacon(page, '/v1/events', 'rebound')
    await onlyTheShopIsCounted(before)
    await page.close()
  })

  test('a page of another site writes nothing, by whichever way browsers have', async () => {
    const before = await appended()
    const page = await open(`http://evil.test:${sitePort}/`)
    const plain = { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }
    expect(await send(page, events(), { ...plain, body: event('no-cors') })).toEqual(NOTHING)
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    expect(await send(page, events(), { ...json, body: event('cors') })).toEqual(NOTHING)
    await beacon(page, events(), 'beacon')
    await onlyTheShopIsCounted(before)
    await page.close()
  })

  test('a page of another site reads nothing', async () => {
    const page = await open(`http://evil.test:${sitePort}/`)
    const base = `http://127.0.0.1:${port}`
    expect(await send(page, `${base}/v1/ledger`, {})).toEqual(NOTHING)
    expect(await send(page, `${base}/v1/sql`, sql('SELECT 42'))).toEqual(NOTHING)
    await page.close()
  })

  test('a page of the shop whose origin is named sends events, also with sendBeacon, and reads answers', async () => {
    const before = await appended()
    const page = await open(`http://shop.test:${sitePort}/`)
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    expect(await send(page, events(), { ...json, body: event('ann') })).toMatchObject({
      status: 202,
    })
    await beacon(page, events(), 'bob')
    const list = await send(page, `http://127.0.0.1:${port}/v1/recommendations/users/ann`, {})
    expect(list).toMatchObject({ status: 200, text: expect.stringContaining('"user_id":"ann"') })
    await expect.poll(appended, WITHIN).toBe(before + 2)
    await page.close()
  })

  test.each(['localhost', '127.0.0.1'])(
    'the live page on %s is live, and warns of nothing',
    async (host) => {
      const page = await open(`http://${host}:${port}/`)
      await expect.poll(() => page.locator('#state-text').textContent(), WITHIN).toBe('Live')
      expect(await page.locator('#warning').isVisible()).toBe(false)
      expect(await send(page, '/v1/sql', sql('SELECT 42'))).toMatchObject({
        status: 200,
        text: '{"42":42}\n',
      })
      await page.close()
    },
  )
})
