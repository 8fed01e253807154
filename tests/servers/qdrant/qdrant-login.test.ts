import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type QdrantStandIn,
  startQdrantStandIn,
} from '#dev/stand-ins/qdrant/start-qdrant-stand-in.ts'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { openQdrantVectors } from '#engines/vectors/qdrant/qdrant-vectors.ts'

const KEY = 'k/e:y@1'
const SELF_SIGNED =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=qdrant -addext subjectAltName=IP:127.0.0.1'

const folder = temporaryFolder()
let standIn: QdrantStandIn
beforeAll(async () => {
  standIn = await startQdrantStandIn({ folder, apiKey: KEY })
})
afterAll(async () => {
  await standIn[Symbol.asyncDispose]()
})

test('the key of the URL opens, any other and none are refused in the server’s words', async () => {
  const withKey = (key: string) => standIn.url.replace('//', `//:${encodeURIComponent(key)}@`)
  await using right = await openQdrantVectors({ url: withKey(KEY) })
  await right.ping()
  const refused = { code: 'ENGINE_REFUSED', retriable: false }
  await using wrong = await openQdrantVectors({ url: withKey('other') })
  await expect(wrong.ping()).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/^(?!.*other).*Invalid API key or JWT.*check the API key/s),
  })
  await using none = await openQdrantVectors({ url: standIn.url })
  await expect(none.count('items')).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('Must provide an API key'),
  })
})

test('the key stays out of the log', async () => {
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  const url = standIn.url.replace('//', `//:${encodeURIComponent(KEY)}@`)
  await using vectors = await openQdrantVectors({ url, logger })
  await vectors.ping()
  await vectors.ping()
  expect(lines).not.toEqual([])
  expect(lines.join()).not.toMatch(/k\/e:y|k%2F/)
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

test.skipIf(!hasOpenssl)(
  'through TLS a certificate must come from the system or from the file of the URL (needs openssl)',
  async () => {
    const [ca, keyFile] = [join(folder, 'ca.pem'), join(folder, 'key.pem')]
    execFileSync('openssl', [...SELF_SIGNED.split(' '), '-keyout', keyFile, '-out', ca], {
      stdio: 'ignore',
    })
    const [cert, key] = await Promise.all([readFile(ca), readFile(keyFile)])
    const inner = Number(new URL(standIn.url).port)
    const server = createServer({ cert, key }, (socket) => {
      socket.on('error', () => undefined)
      const plain = connect(inner, '127.0.0.1').on('error', () => undefined)
      socket.pipe(plain).pipe(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const url = `qdrant://:${encodeURIComponent(KEY)}@127.0.0.1:${port}?tls=true`
      await using unknown = await openQdrantVectors({ url })
      await expect(unknown.ping()).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        message: expect.stringContaining('self-signed certificate'),
      })
      await using trusted = await openQdrantVectors({ url: `${url}&ca=${encodeURIComponent(ca)}` })
      await trusted.ping()
    } finally {
      server.close()
    }
  },
)

test('a file of certificates that is not there is named', async () => {
  const url = `${standIn.url}?tls=true&ca=${encodeURIComponent(join(folder, 'none.pem'))}`
  await expect(openQdrantVectors({ url })).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining('none.pem'),
  })
})
