import { expect, test } from 'vitest'
import { parseRedisUrl } from './redis-url.ts'

const node = (host: string, port = 6379) => ({ host, port })

test.each([
  ['redis://cache', { nodes: [node('cache')], db: 0, isCluster: false, tls: undefined }],
  ['redis://[::1]:7000/2', { nodes: [node('::1', 7000)], db: 2 }],
  ['redis://ann:p%40ss@cache:1/', { username: 'ann', password: 'p@ss', nodes: [node('cache', 1)] }],
  ['redis://:pw@cache', { username: undefined, password: 'pw' }],
  ['rediss://cache', { tls: {} }],
  ['redis://cache?tls=true', { tls: {} }],
  ['redis://cache', { keyPrefix: 'freshet:' }],
  ['redis://cache?prefix=shop%3A', { keyPrefix: 'shop:' }],
  [
    'redis-cluster://:pw@a:1,b:2?tls=true',
    {
      isCluster: true,
      nodes: [node('a', 1), node('b', 2)],
      password: 'pw',
      shown: 'redis-cluster://a:1,b:2',
    },
  ],
])('%s is read', (url, expected) => {
  expect(parseRedisUrl(url)).toMatchObject(expected)
})

test.each([
  ['localhost:6379', 'does not begin with redis:// or rediss:// or redis-cluster://'],
  ['http://:secret@cache', 'does not begin with redis://'],
  ['redis://:secret@cache:port', 'a host is host or host:port'],
  ['redis://:secret@cache:99999', 'a port from 1 to 65535'],
  ['redis://:secret@a,b', 'several hosts'],
  ['redis-cluster://:secret@a,b/3', 'names a database'],
  ['redis://:secret@a?ttl=5', 'no parameter ttl, only tls, ca, cert, key, prefix'],
  ['redis://:secret@a?ca=/etc/ca.pem', 'ca would be for TLS, which is not on'],
  ['rediss://:secret@a?ca=/nowhere/ca.pem', '/nowhere/ca.pem cannot be read (ENOENT'],
  ['redis://:secret%@a', 'write % as %25'],
])('%s is refused with what is wrong and an example', (url, reason) => {
  const parse = () => parseRedisUrl(url)
  expect(parse).toThrow(expect.objectContaining({ code: 'ENGINE_REFUSED', retriable: false }))
  expect(parse).toThrow(reason)
  expect(parse).toThrow('redis://user:password@host:6379/0')
  expect(parse).not.toThrow('secret')
})
