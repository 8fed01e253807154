import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openConfluentRegistry } from './confluent-registry.ts'

const logger = pino({ level: 'silent' })
const SELF_SIGNED =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=registry -addext subjectAltName=IP:127.0.0.1'

describe.skipIf(spawnSync('openssl', ['version']).error)('with TLS (needs openssl)', () => {
  let folder: string
  let ca: string
  let key: string
  let server: Server
  let base: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freshet-registry-tls-'))
    ca = join(folder, 'ca.pem')
    key = join(folder, 'key.pem')
    const args = [...SELF_SIGNED.split(' '), '-keyout', key, '-out', ca]
    execFileSync('openssl', args, { stdio: 'ignore' })
    server = createServer({ key: await readFile(key), cert: await readFile(ca) }, (_, response) =>
      response.end('[]'),
    ).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    base = `https://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  })
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve))
    await rm(folder, { recursive: true })
  })

  test('a certificate that the given one signed is trusted', async () => {
    await using registry = await openConfluentRegistry({ url: `${base}?ca=${ca}`, logger })
    await expect(registry.ping()).resolves.toBeUndefined()
  })

  test('a client certificate is shown to a server that asks for one', async () => {
    const mutual = createServer(
      {
        key: await readFile(key),
        cert: await readFile(ca),
        ca: await readFile(ca),
        requestCert: true,
      },
      (_, response) => response.end('[]'),
    ).listen(0, '127.0.0.1')
    await new Promise((resolve) => mutual.once('listening', resolve))
    const url = `https://127.0.0.1:${(mutual.address() as AddressInfo).port}/api?ca=${ca}`
    await using stranger = await openConfluentRegistry({ url, logger })
    await expect(stranger.ping()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    await using known = await openConfluentRegistry({ url: `${url}&cert=${ca}&key=${key}`, logger })
    await expect(known.ping()).resolves.toBeUndefined()
    await new Promise((resolve) => mutual.close(resolve))
  })

  test('a certificate of an unknown authority is not', async () => {
    await using registry = await openConfluentRegistry({ url: base, logger })
    await expect(registry.ping()).rejects.toThrow(/self-signed certificate/)
  })
})
