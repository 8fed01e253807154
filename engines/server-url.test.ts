import fc from 'fast-check'
import { expect, test } from 'vitest'
import { authorityOf, parseServerUrl, type UrlForm } from './server-url.ts'

const PARAMETERS = { name: 'text', copies: 'count' } as const
const FORM: UrlForm<typeof PARAMETERS> = {
  of: 'example',
  schemes: ['example:'],
  example: 'example://host',
  port: 1,
  tlsPort: 2,
  tls: ['tls', 'ca'],
  parameters: PARAMETERS,
}

test('a URL is parsed', () => {
  const url = parseServerUrl('example://ann:p%3Aw@a,b:7,[::1]:8/x/y?tls=true&name=n&copies=3', FORM)
  expect(url).toMatchObject({
    scheme: 'example:',
    user: 'ann',
    password: 'p:w',
    hosts: [
      { host: 'a', port: 2 },
      { host: 'b', port: 7 },
      { host: '::1', port: 8 },
    ],
    path: '/x/y',
    tls: {},
    parameters: { name: 'n', copies: 3 },
    shown: 'example://a,b:7,[::1]:8',
  })
  expect(url.hosts.map(authorityOf)).toEqual(['a:2', 'b:7', '[::1]:8'])
})

test('what is left out is absent', () => {
  expect(parseServerUrl('example://a', FORM)).toMatchObject({
    user: '',
    password: '',
    hosts: [{ host: 'a', port: 1 }],
    path: '',
    tls: undefined,
    parameters: { name: undefined, copies: undefined },
  })
})

test.each(['a b', 'a|b', 'a:1 ', 'a<b', '1.2.3.4 ', 'a^b', ' a'])(
  'the host %j is refused: it would be read as another one',
  (host) => {
    expect(() => parseServerUrl(`example://${host}:7/x`, FORM)).toThrow(
      'a host is host or host:port',
    )
  },
)

test('a line break at the end is none of it, and a host beyond ASCII is written as DNS has it', () => {
  expect(parseServerUrl('example://a:7/x\n', FORM)).toMatchObject({ path: '/x' })
  expect(parseServerUrl('example://bücher.example', FORM).hosts[0].host).toBe(
    'xn--bcher-kva.example',
  )
})

test('any login comes back as it was encoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (user, password) => {
      const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
      expect(parseServerUrl(`example://${login}@h`, FORM)).toMatchObject({ user, password })
    }),
  )
})

test('a password that is not encoded is in no message', () => {
  const password = fc
    .array(fc.constantFrom('/', '?', '#', '@', ':', '%', 'a', '1'), { maxLength: 6 })
    .map((signs) => `s3cret${signs.join('')}s3cret`)
  fc.assert(
    fc.property(password, fc.constantFrom('', 'ann'), (text, user) => {
      const parse = () => parseServerUrl(`example://${user}:${text}@host:70000`, FORM)
      expect(parse).toThrow(expect.objectContaining({ code: 'ENGINE_REFUSED', retriable: false }))
      expect(parse).not.toThrow('s3cret')
    }),
  )
})
