import { expect, test } from 'vitest'
import { parseQdrantUrl } from './qdrant-address.ts'

test.each([
  ['qdrant://localhost', 'http://localhost:6333', undefined, undefined],
  ['qdrant://10.0.0.7:7000/', 'http://10.0.0.7:7000', undefined, undefined],
  ['qdrant://[::1]:6333', 'http://[::1]:6333', undefined, undefined],
  ['qdrant://:k%40y@q.example:6333?tls=true', 'https://q.example:6333', 'k@y', undefined],
  ['qdrant://q?tls=true&ca=/etc/my%20ca.pem', 'https://q:6333', undefined, '/etc/my ca.pem'],
  ['qdrant://q?ca=ca.pem', 'https://q:6333', undefined, 'ca.pem'],
  ['qdrant://q?tls=false', 'http://q:6333', undefined, undefined],
])('%s is read', (url, baseUrl, apiKey, caFile) => {
  expect(parseQdrantUrl(url)).toEqual({ baseUrl, apiKey, caFile })
})

test.each([
  ['http://localhost:6333', 'does not begin with qdrant://'],
  ['nonsense', 'does not begin with qdrant://'],
  ['qdrant:///collection', 'names no host'],
  ['qdrant://localhost:port', 'does not begin with qdrant://'],
  ['qdrant://s3cret@localhost', 'has a user name'],
  ['qdrant://:s3cret@localhost/items', 'has a path'],
  ['qdrant://:s3cret@localhost?tsl=true', 'unknown parameter tsl'],
  ['qdrant://:s3cret@localhost?tls=yes', 'neither true nor false'],
  ['qdrant://:s3cret@localhost?ca=ca.pem&tls=false', 'a ca, and tls=false'],
  ['qdrant://:s3cret%zz@localhost', 'a % that encodes nothing'],
])('%s is refused with a right one, and without the key', (url, words) => {
  const refused = expect.objectContaining({ code: 'ENGINE_REFUSED', retriable: false })
  expect(() => parseQdrantUrl(url)).toThrow(refused)
  expect(() => parseQdrantUrl(url)).toThrow(words)
  expect(() => parseQdrantUrl(url)).toThrow('qdrant://[:api-key@]host:6333[?tls=true&ca=FILE]')
  expect(() => parseQdrantUrl(url)).not.toThrow('s3cret')
})
