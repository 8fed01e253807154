import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, expect, test } from 'vitest'
import { openClickHouseTables } from '#engines/tables/clickhouse/clickhouse-tables.ts'
import { testStandIn } from './open-clickhouse.ts'

const PASSWORD = "s3c:r/e@t%'"
const standIn = await testStandIn({ password: PASSWORD })
afterAll(() => standIn[Symbol.asyncDispose]())

function urlWith(password: string, host = new URL(standIn.urlOf('d')).host): string {
  return `clickhouse://default:${encodeURIComponent(password)}@${host}/system`
}

test('the right password enters, whatever is in it', async () => {
  await using tables = await openClickHouseTables({ url: urlWith(PASSWORD) })
  await tables.ping()
  expect(await tables.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a wrong password is refused in the words of the server, without the password', async () => {
  for (const url of [urlWith('guessed'), urlWith(PASSWORD).replace('default:', 'ann:')]) {
    await using tables = await openClickHouseTables({ url })
    for (const call of [tables.ping(), tables.query('SELECT 1'), tables.migrate([])]) {
      await expect(call).rejects.toMatchObject({
        code: 'ENGINE_REFUSED',
        retriable: false,
        message: expect.stringMatching(
          /^(?!.*(guessed|s3c)).*Authentication failed.*\(AUTHENTICATION_FAILED\) \[516\]$/s,
        ) as string,
      })
    }
  }
})

const SELF_SIGNED =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=ch -addext subjectAltName=IP:127.0.0.1'

test.skipIf(!hasOpenSsl())(
  'through TLS a certificate must come from the file of the URL (needs openssl)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-clickhouse-tls-'))
    const [keyFile, ca] = [join(folder, 'key.pem'), join(folder, 'ca.pem')]
    execFileSync('openssl', [...SELF_SIGNED.split(' '), '-keyout', keyFile, '-out', ca], {
      stdio: 'ignore',
    })
    const [key, cert] = [await readFile(keyFile), await readFile(ca)]
    const port = Number(new URL(standIn.urlOf('d')).port)
    const server = createServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined)
      const plain = connect(port, '127.0.0.1').on('error', () => undefined)
      socket.pipe(plain).pipe(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      await using trusting = await openClickHouseTables({
        url: `${urlWith(PASSWORD, host)}?ca=${ca}`,
      })
      expect(await trusting.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
      await using stranger = await openClickHouseTables({
        url: `${urlWith(PASSWORD, host)}?tls=true`,
      })
      await expect(stranger.ping()).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        message: expect.stringMatching(/self-signed certificate.*check tls and ca/) as string,
      })
    } finally {
      server.close()
      await rm(folder, { recursive: true })
    }
  },
)

function hasOpenSsl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
