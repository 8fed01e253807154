import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseQdrantUrl } from './qdrant-url.ts'

const folder = mkdtempSync(join(tmpdir(), 'freshet-qdrant-url-'))
const file = join(folder, 'my ca.pem')
writeFileSync(file, 'the certificates')
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['qdrant://localhost', 'http://localhost:6333', undefined, undefined],
  ['qdrant://10.0.0.7:7000/', 'http://10.0.0.7:7000', undefined, undefined],
  ['qdrant://[::1]:6333', 'http://[::1]:6333', undefined, undefined],
  ['qdrant://:k%40y@q.example:6333?tls=true', 'https://q.example:6333', 'k@y', undefined],
  [
    `qdrant://q?tls=true&ca=${encodeURIComponent(file)}`,
    'https://q:6333',
    undefined,
    'the certificates',
  ],
  [`qdrant://q?ca=${file}`, 'https://q:6333', undefined, 'the certificates'],
  ['qdrant://q?tls=false', 'http://q:6333', undefined, undefined],
])('%s is read', (url, baseUrl, apiKey, ca) => {
  expect(parseQdrantUrl(url)).toEqual({ baseUrl, apiKey, ca })
})

test.each([
  ['http://localhost:6333', 'does not begin with qdrant://'],
  ['nonsense', 'does not begin with qdrant://'],
  ['qdrant:///collection', 'names no host'],
  ['qdrant://localhost:port', 'a host is host or host:port'],
  ['qdrant://s3cret@localhost', 'has a user name'],
  ['qdrant://:s3cret@localhost/items', 'has a path'],
  ['qdrant://:s3cret@localhost?tsl=true', 'no parameter tsl, only tls, ca'],
  ['qdrant://:s3cret@localhost?tls=yes', 'tls is true or false'],
  ['qdrant://:s3cret@localhost?ca=ca.pem&tls=false', 'ca would be for TLS'],
  ['qdrant://:s3cret%zz@localhost', 'write % as %25'],
])('%s is refused with an example, and without the key', (url, words) => {
  const refused = expect.objectContaining({ code: 'ENGINE_REFUSED', retriable: false })
  expect(() => parseQdrantUrl(url)).toThrow(refused)
  expect(() => parseQdrantUrl(url)).toThrow(words)
  expect(() => parseQdrantUrl(url)).toThrow('qdrant://:api-key@host:6333?tls=true&ca=ca.pem')
  expect(() => parseQdrantUrl(url)).not.toThrow('s3cret')
})
