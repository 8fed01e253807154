import { expect, test } from 'vitest'
import { readRedisUrl } from './redis-url.ts'

const node = (host: string, port = 6379) => ({ host, port })

test.each([
  ['redis://cache', { nodes: [node('cache')], db: 0, isCluster: false, tls: undefined }],
  ['redis://[::1]:7000/2', { nodes: [node('::1', 7000)], db: 2 }],
  ['redis://ann:p%40ss@cache:1/', { username: 'ann', password: 'p@ss', nodes: [node('cache', 1)] }],
  ['redis://:pw@cache', { username: undefined, password: 'pw' }],
  ['rediss://cache', { tls: { ca: undefined } }],
  ['redis://cache?tls=true', { tls: { ca: undefined } }],
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
])('%s is read', async (url, expected) => {
  expect(await readRedisUrl(url)).toMatchObject(expected)
})

test.each([
  ['localhost:6379', 'cannot be read'],
  ['http://:secret@cache', 'cannot be read'],
  ['redis://:secret@cache:port', 'has the host cache:port'],
  ['redis://:secret@cache:99999', 'has the host cache:99999'],
  ['redis://:secret@a,b', 'several hosts'],
  ['redis-cluster://:secret@a,b/3', 'names a database'],
  ['redis://:secret@a?ttl=5', 'has the parameter ttl'],
  ['redis://:secret@a?ca=/etc/ca.pem', 'but not TLS'],
  ['rediss://:secret@a?ca=/nowhere/ca.pem', 'cannot be read (ENOENT'],
  ['redis://:secret%@a', 'escapes'],
])('%s is refused with what is wrong and a right one', async (url, reason) => {
  const reading = readRedisUrl(url)
  await expect(reading).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
  await expect(reading).rejects.toThrow(reason)
  await expect(reading).rejects.toThrow('redis://user:password@host:6379/0')
  await expect(reading).rejects.not.toThrow('secret')
})
