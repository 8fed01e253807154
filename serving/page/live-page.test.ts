import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOGUE, ORDER_PANES, PRODUCT_PANES, RAW_EVENTS } from '#schemas/tables.ts'
import { openTestServer, type TestServer } from '../http/server.fixture.ts'
import { aRow } from '../trends/tables.fixture.ts'

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
/** Not how long it takes: how long before a test gives up. */
const PATIENCE = { timeout: 120_000 }
const hasChromium = existsSync(CHROMIUM)
const isRequired = process.env['REQUIRE_BROWSER'] === '1'
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

test('there is a browser to open the live page in', (context) => {
  const missing = `NO BROWSER at ${CHROMIUM}: the live page was not opened. Install chromium or set CHROMIUM_PATH.`
  if (!hasChromium) process.stderr.write(`\n${missing}\n`)
  context.skip(!hasChromium && !isRequired, missing)
  expect(hasChromium, missing).toBe(true)
})

describe.runIf(hasChromium)('the live page', () => {
  const minute = Math.floor(Date.now() / 60_000) * 60_000
  let server: TestServer
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    server = await openTestServer()
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  async function open(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const opened = await browser.newPage({ locale: 'en-GB', ...options })
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    opened.on('request', (request) => {
      if (!request.url().startsWith(server.url)) complaints.push(`asked ${request.url()}`)
    })
    await opened.goto(server.url)
    return opened
  }

  const text = (id: string) => page.locator(`#${id}`).textContent()

  test('explains itself while the shop is empty', async () => {
    page = await open()
    await expect.poll(() => text('state-text'), PATIENCE).toBe('Live')
    await expect.poll(() => text('orders-chart'), PATIENCE).toContain('No orders in the last hour')
    await expect
      .poll(() => text('revenue-chart'), PATIENCE)
      .toContain('No revenue in the last hour')
    await expect.poll(() => text('movers'), PATIENCE).toContain('No product was viewed or bought')
    await expect.poll(() => text('freshness-note'), PATIENCE).toBe('nothing arrived in 5 minutes')
    await expect.poll(() => text('ledger-badge'), PATIENCE).toBe('✓ Balanced')
    expect(await text('orders-hour')).toBe('0')
  })

  test('shows what happens without being asked', async () => {
    await server.tables.insert(CATALOGUE, [
      aRow.product({ product_id: 'p1', title: 'RED LAMP', category: ['home'] }),
    ])
    await server.tables.insert(RAW_EVENTS, [aRow.event({ event_time: Date.now(), user_id: 'ann' })])
    await server.tables.insert(ORDER_PANES, [
      aRow.orderPane({ minute: minute - 60_000, orders: 3, units: 4, revenue_minor: 123_456 }),
      aRow.orderPane({ minute, orders: 1, units: 1, revenue_minor: 500 }),
    ])
    await server.tables.insert(PRODUCT_PANES, [
      aRow.productPane({ minute, product_id: 'p1', views: 5 }),
    ])
    await expect.poll(() => text('orders-hour'), PATIENCE).toBe('4')
    await expect.poll(() => text('active-users'), PATIENCE).toBe('1')
    await expect.poll(() => text('movers'), PATIENCE).toContain('Red lamp')
    expect(await text('movers')).toContain('5 views')
    await expect.poll(() => text('freshness'), PATIENCE).toMatch(/^\d+(\.\d)? (ms|s)$/)
    await expect.poll(() => text('freshness-note'), PATIENCE).toMatch(/95 % in /)
    expect(await page.locator('#movers rect.active').count()).toBeGreaterThan(0)
    expect(await page.locator('.chart .empty').count()).toBe(0)
    expect(await page.locator('.chart canvas').count()).toBe(2)
    const revenue = page.locator('#revenue-chart')
    expect(await revenue.getAttribute('aria-label')).toContain('£1,234.56 at most')
  })

  test.each([
    ['HUF', '1,234.56'],
    ['JPY', '123,456'],
    ['IQD', '123.456'],
    ['CLF', '12.3456'],
  ])('shows 123456 minor units of %s as %s', async (currency, shown) => {
    const money = await page.evaluate(
      `import('/assets/format.js').then(({ money }) => money(123456, '${currency}'))`,
    )
    expect(String(money).replace(/[^\d.,]/g, '')).toBe(shown)
  })

  test('counts the log in the ledger', async () => {
    const value = new Uint8Array([1])
    const records = Array.from({ length: 7 }, () => ({ topic: 'commerce.users', key: 'a', value }))
    await server.log.append(records)
    await expect.poll(() => text('ledger'), PATIENCE).toContain('Pending7')
    await page.getByText('By partition').click()
    expect(await page.locator('#ledger-partitions tr').count()).toBe(8)
  })

  test('recommends to a user, says why, and to another on demand', async () => {
    await expect.poll(() => text('recommendations-user'), PATIENCE).toMatch(/ for u\d+/)
    const before = await text('recommendations-user')
    expect(await page.locator('#recommendations li').count()).toBe(6)
    expect(await text('recommendations')).toContain('White hanging heart t-light holder')
    expect(await text('recommendations')).toContain('Shoppers with baskets like this one')
    expect(await text('recommendations-note')).toBe('newest evidence 420 ms old · model test-1')
    await page.getByRole('button', { name: 'Another user' }).press('Enter')
    await expect.poll(() => text('recommendations-user'), PATIENCE).not.toBe(before)
  })

  test('switches between light and dark, and remembers', async () => {
    const paper = (of = page) => of.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await paper()
    await page.locator('#theme').click()
    const dark = await paper()
    expect(dark).not.toBe(light)
    await page.reload()
    expect(await paper()).toBe(dark)
    const inDark = await open({ colorScheme: 'dark' })
    expect(await paper(inDark)).toBe(dark)
    await inDark.close()
  })

  test('fits a telephone, and every control can be reached and has a name', async () => {
    const phone = await open({ viewport: { width: 390, height: 844 } })
    await expect.poll(() => phone.locator('#movers li').count()).toBeGreaterThan(0)
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    for (const name of ['banner', 'main', 'contentinfo', 'navigation'] as const) {
      expect(await phone.getByRole(name).count()).toBe(1)
    }
    const unnamed = await phone.evaluate(
      "[...document.querySelectorAll('button, select, a')].filter((one) => !(one.ariaLabel ?? one.textContent).trim()).length",
    )
    expect(unnamed).toBe(0)
    await phone.close()
  })

  test('broke no rule of its own and asked nobody else for anything', () => {
    expect(complaints).toEqual([])
  })

  test('warns, where anybody can reach it, and can still be read on a telephone', async () => {
    const phone = await open({ viewport: { width: 390, height: 844 } })
    expect(await phone.locator('#warning').isVisible()).toBe(false)
    const warning = `There is no login: ${'anybody can read and write everything. '.repeat(4)}`
    await phone.route('**/readyz', (route) => route.fulfill({ json: { exposed: true, warning } }))
    await phone.reload()
    await expect.poll(() => phone.locator('#warning').textContent(), PATIENCE).toBe(warning)
    expect(await phone.locator('#warning').isVisible()).toBe(true)
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await phone.close()
  })

  test('says that it reconnects when the HTTP server goes away', async () => {
    await expect.poll(() => text('state-text'), PATIENCE).toBe('Live')
    await server.close()
    await expect.poll(() => text('state-text'), PATIENCE).toBe('Reconnecting')
  })
})
