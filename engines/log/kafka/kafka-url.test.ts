import { expect, test } from 'vitest'
import { parseKafkaUrl } from './kafka-url.ts'

test('hosts alone are enough, and 9092 is their port', () => {
  expect(parseKafkaUrl('kafka://one')).toEqual({
    brokers: [{ host: 'one', port: 9092 }],
    tls: undefined,
    sasl: undefined,
    replication: undefined,
  })
  expect(parseKafkaUrl('kafka://one:1,two:2,[::1]:3').brokers).toEqual([
    { host: 'one', port: 1 },
    { host: 'two', port: 2 },
    { host: '::1', port: 3 },
  ])
})

test('user and password are percent-encoded', () => {
  const { sasl } = parseKafkaUrl('kafka://us%40er:p%3Ass%2F@host:1?sasl=plain')
  expect(sasl).toEqual({ mechanism: 'plain', username: 'us@er', password: 'p:ss/' })
})

test('the first colon ends the user', () => {
  expect(parseKafkaUrl('kafka://u:p:q@host').sasl).toMatchObject({ username: 'u', password: 'p:q' })
})

test('a login without a mechanism means SCRAM-SHA-512', () => {
  expect(parseKafkaUrl('kafka://u:p@host').sasl?.mechanism).toBe('scram-sha-512')
  expect(parseKafkaUrl('kafka://u:p@host?sasl=SCRAM-SHA-256').sasl?.mechanism).toBe('scram-sha-256')
})

test('a certificate authority is read from its file, and means TLS', () => {
  expect(parseKafkaUrl('kafka://host?tls=true').tls).toEqual({})
  expect(parseKafkaUrl('kafka://host?tls=false').tls).toBeUndefined()
  const { tls } = parseKafkaUrl(`kafka://host?ca=${encodeURIComponent(import.meta.filename)}`)
  expect(tls?.ca).toContain('a certificate authority is read from its file')
})

test('a client certificate is read with its key', () => {
  const file = encodeURIComponent(import.meta.filename)
  const { tls } = parseKafkaUrl(`kafka://host?cert=${file}&key=${file}`)
  expect(tls).toEqual({
    cert: expect.stringContaining('import') as string,
    key: expect.stringContaining('import') as string,
  })
  expect(() => parseKafkaUrl(`kafka://host?cert=${file}`)).toThrow('need each other')
})

test('replication is a number of copies', () => {
  expect(parseKafkaUrl('kafka://host?replication=2').replication).toBe(2)
})

test.each([
  ['http://host:1', 'does not begin with kafka://'],
  ['kafka://', 'names no host'],
  ['kafka://host/topic', 'has a path'],
  ['kafka://u:secret/more@host', '/ as %2F'],
  ['kafka://u:secret?more@host', '? as %3F'],
  ['kafka://u:secret@more@host', '@ as %40'],
  ['kafka://u:secret', 'host:port'],
  ['kafka://host:0', 'a host is host or host:port'],
  ['kafka://host:70000', 'a host is host or host:port'],
  ['kafka://host:1,,other:2', 'a host is host or host:port'],
  ['kafka://host?tsl=true', 'no parameter tsl, only tls, ca, cert, key, sasl, replication'],
  ['kafka://host?tls=yes', 'true or false'],
  ['kafka://host?tls=false&ca=x', 'ca would be for TLS'],
  ['kafka://host?ca=/no/such/file.pem', 'cannot be read'],
  ['kafka://host?sasl=plain', 'needs user:password@'],
  ['kafka://u:secret@host?sasl=kerberos', 'one of plain'],
  ['kafka://secret@host', 'user:password'],
  ['kafka://u:secret%ZZ@host', 'write % as %25'],
  ['kafka://host?replication=0', 'whole number from 1 up'],
])('%s is refused with what is wrong, an example, and no password', (url, why) => {
  const parse = () => parseKafkaUrl(url)
  expect(parse).toThrow(why)
  expect(parse).toThrow('for example kafka://')
  expect(parse).not.toThrow(/secret/)
  expect(parse).toThrow(expect.objectContaining({ code: 'ENGINE_REFUSED', retriable: false }))
})
