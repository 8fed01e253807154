import { expect, test } from 'vitest'
import { parseClickHouseUrl } from './clickhouse-url.ts'

test('a URL says where the server is, who enters it, and which database is meant', () => {
  expect(parseClickHouseUrl('clickhouse://ann:p%40s%2Fs:1@ch.example:9123/shop')).toEqual({
    http: 'http://ch.example:9123',
    username: 'ann',
    password: 'p@s/s:1',
    database: 'shop',
    ca: undefined,
    cluster: undefined,
  })
})

test('what is left out has its default', () => {
  expect(parseClickHouseUrl('clickhouse://[::1]')).toMatchObject({
    http: 'http://[::1]:8123',
    username: 'default',
    password: '',
    database: 'freshet',
  })
})

test('options choose TLS, certificates and a cluster', () => {
  expect(parseClickHouseUrl('clickhouse://h/d?tls=true&cluster=prod')).toMatchObject({
    http: 'https://h:8443',
    cluster: 'prod',
    ca: undefined,
  })
  const { http, ca } = parseClickHouseUrl(`clickhouse://h:1/d?ca=${import.meta.filename}`)
  expect(http).toBe('https://h:1')
  expect(String(ca)).toContain('parseClickHouseUrl')
})

test.each([
  ['http://h:8123/d', 'it does not begin with clickhouse://'],
  ['clickhouse', 'it does not begin with clickhouse://'],
  ['clickhouse:///d', 'it names no host'],
  ['clickhouse://h/d?secure=1', 'it has no parameter secure, only tls, ca, cluster'],
  ['clickhouse://h/d?tls=yes', 'tls is true or false'],
  ['clickhouse://h/d/e', 'the name of a database has letters, digits and underscores, not d/e'],
  ['clickhouse://h/d?cluster=a-b', 'the name of a cluster has letters, digits and underscores'],
  ['clickhouse://u:%zz@h/d', 'write % as %25'],
  ['clickhouse://h/d?ca=/nowhere/ca.pem', '/nowhere/ca.pem cannot be read (ENOENT)'],
])('%s is refused with what is wrong and an example', (url, words) => {
  expect(() => parseClickHouseUrl(url)).toThrow(
    expect.objectContaining({
      code: 'ENGINE_REFUSED',
      retriable: false,
      message: expect.stringContaining(words) as string,
    }),
  )
  expect(() => parseClickHouseUrl(url)).toThrow('clickhouse://user:password@host:8123/freshet')
})

test('a password is never in the message', () => {
  for (const url of [
    'clickhouse://u:secret@/d',
    'clickhouse://u:secret@h/d?x=1',
    'clickhouse://u:secret%@h',
  ]) {
    expect(() => parseClickHouseUrl(url)).toThrow(/^(?!.*secret)/s)
  }
})
