import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { choosePorts } from './choose-ports.ts'

let folder: string
let server: Server
let taken: number
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-ports-'))
  server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  taken = (server.address() as AddressInfo).port
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

test('a default port that is taken is refused by its number', async () => {
  const choice = choosePorts({ usual: [{ client: taken }], anyFree: false, folder })
  await expect(choice).rejects.toThrow(
    `port ${taken} is taken by another program: stop that, or add --free-ports`,
  )
})

test('free ports differ from the default ones, one per process and purpose', async () => {
  const usual = [{ client: taken, controller: taken }, { client: taken }]
  const [first, second] = await choosePorts({ usual, anyFree: true, folder })
  const chosen = [first?.client, first?.['controller'], second?.client]
  expect(new Set([...chosen, taken]).size).toBe(4)
  expect(chosen.every((port) => Number(port) > 0)).toBe(true)
})

test('the free ports of the last start are reused while they are free', async () => {
  const choose = () => choosePorts({ usual: [{ client: 1 }], anyFree: true, folder })
  const [first] = await choose()
  expect(await choose()).toEqual([first])
  const stranger = createServer()
  await once(stranger.listen(first?.client, '127.0.0.1'), 'listening')
  const [next] = await choose()
  stranger.close()
  expect(next?.client).not.toBe(first?.client)
})
