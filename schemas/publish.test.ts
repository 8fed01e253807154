import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

let copy: string
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'freshet-schemas-'))
  cpSync(import.meta.dirname, join(copy, 'schemas'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
})
afterEach(() => rmSync(copy, { recursive: true }))

test('schemas that did not change are not published again', () => {
  expect(publish()).toEqual({ status: 0, output: 'Every schema is published.\n' })
})

test('a compatible change becomes the next version, and the first stays', () => {
  change('orders.ts', '[ORDER_ID]', '[ORDER_ID, { ...CURRENCY, default: "GBP" }]')
  const first = read('OrderPaid.v1.avsc')
  expect(publish()).toEqual({ status: 0, output: 'OrderPaid version 2\nOrderShipped version 2\n' })
  expect(JSON.parse(read('OrderPaid.v2.json'))).toMatchObject({ currency: 'GBP' })
  expect(read('OrderPaid.v2.avsc')).toContain('"currency"')
  expect(read('OrderPaid.v1.avsc')).toBe(first)
  expect(publish().output).toBe('Every schema is published.\n')
})

test('a change that cannot read what was written is refused, and nothing is published', () => {
  change('orders.ts', '[ORDER_ID]', '[ORDER_ID, CURRENCY]')
  const { status, output } = publish()
  expect(status).toBe(1)
  expect(output).toContain('OrderPaid cannot read its version 1: no matching field')
  expect(() => read('OrderPaid.v2.avsc')).toThrow('ENOENT')
})

test('a new field without an example value is asked for, and nothing is published', () => {
  change('products.ts', "'A product left the catalogue.'", "'A product is gone.'")
  change('orders.ts', '[ORDER_ID]', '[ORDER_ID, { name: "till", type: "string", default: "" }]')
  expect(publish().output).toContain('The new field till needs a value')
  expect(() => read('ProductRemoved.v2.avsc')).toThrow('ENOENT')
})

function change(file: string, from: string, to: string): void {
  const path = join(copy, 'schemas', 'events', file)
  const source = readFileSync(path, 'utf8')
  expect(source).toContain(from)
  writeFileSync(path, source.replaceAll(from, to))
}

function publish() {
  const script = join(copy, 'schemas', 'publish.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

function read(file: string): string {
  return readFileSync(join(copy, 'schemas', 'events', 'versions', file), 'utf8')
}
