import { readFileSync } from 'node:fs'
import { domainToASCII } from 'node:url'
import { EngineError } from './errors.ts'

const TLS_FILES = ['ca', 'cert', 'key'] as const
type TlsFile = (typeof TLS_FILES)[number]

/** What a parameter may hold; a count is a whole number from 1 up. */
interface Values {
  readonly text: string
  readonly count: number
}
type Kinds = Readonly<Record<string, keyof Values>>

/** What the URLs of one engine have of their own. */
export interface UrlForm<P extends Kinds> {
  /** As in 'the URL of the tables'. */
  readonly of: string
  readonly schemes: readonly string[]
  readonly example: string
  /** Default, without TLS. */
  readonly port: number
  /** Default with TLS; `port` if absent. */
  readonly tlsPort?: number
  /** Schemes that mean TLS. If an engine has any, files alone do not turn it on. */
  readonly tlsSchemes?: readonly string[]
  /** The engine's TLS parameters; the files are in PEM format. */
  readonly tls: readonly ('tls' | TlsFile)[]
  readonly parameters: P
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** A server's URL, parsed. User and password are decoded, and empty if absent. */
export interface ServerUrl<P extends Kinds> {
  readonly scheme: string
  readonly user: string
  readonly password: string
  readonly hosts: readonly [HostPort, ...HostPort[]]
  /** As written, with its leading slash. */
  readonly path: string
  /** Contents of the files, named as in Node's `tls`; undefined without TLS. */
  readonly tls: Readonly<Partial<Record<TlsFile, string>>> | undefined
  readonly parameters: { readonly [K in keyof P]: Values[P[K]] | undefined }
  /** Scheme and hosts as written: safe to show. */
  readonly shown: string
  /** Creates the error for an engine's own rule, such as 'it names a database'. */
  readonly refused: (why: string) => EngineError
}

const FORM =
  /^(?<scheme>[a-z-]+:)\/\/(?:(?<login>[^@/?#]*)@)?(?<hosts>[^@/?#]*)(?<path>\/[^@?#]*)?(?:\?(?<query>[^@#]*))?$/
const HOST = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/i
const PORT_MAX = 65_535

type Refuse = (why: string, cause?: unknown) => EngineError

/**
 * Reads `scheme://[user:password@]host[:port][,host[:port]…][/path][?parameters]`; user and password are percent-encoded.
 * @throws EngineError ENGINE_REFUSED, which says what is wrong and shows an example, never a password
 */
export function parseServerUrl<P extends Kinds>(written: string, form: UrlForm<P>): ServerUrl<P> {
  // A secret that was made of a file ends with a line break.
  const text = written.trim()
  const message = (why: string) =>
    `invalid URL of the ${form.of}: ${why}; for example ${form.example}`
  const refused: Refuse = (why, cause) => new EngineError('ENGINE_REFUSED', message(why), { cause })

  const begins = form.schemes.map((scheme) => `${scheme}//`)
  if (!begins.some((begin) => text.startsWith(begin)))
    throw refused(`it does not begin with ${begins.join(' or ')}`)
  const parts = FORM.exec(text)?.groups
  // Nothing of the URL is quoted: any misplaced part may be a password.
  if (parts === undefined)
    throw refused('in user, password and parameters, write @ as %40, / as %2F, ? as %3F, # as %23')
  const { scheme = '', login = '', hosts = '', path = '', query = '' } = parts
  if (hosts === '') throw refused('it names no host')
  const given = new URLSearchParams(query)
  const known = [...form.tls, ...Object.keys(form.parameters)]
  const unknown = [...given.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw refused(`it has no parameter ${unknown}, only ${known.join(', ')}`)
  const tls = tlsOf(given, form, { scheme, refused })
  const port = (tls && form.tlsPort) ?? form.port
  const toHost = (host: string) => hostOf(host, port, refused)
  const [first = '', ...others] = hosts.split(',')
  return {
    scheme,
    ...loginOf(login, refused),
    hosts: [toHost(first), ...others.map(toHost)],
    path,
    tls,
    parameters: valuesOf(given, form.parameters, refused),
    shown: `${scheme}//${hosts}`,
    refused,
  }
}

/** As in a URL: an IPv6 address in brackets. */
export function authorityOf({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function tlsOf(
  given: URLSearchParams,
  { tlsSchemes }: Pick<UrlForm<Kinds>, 'tlsSchemes'>,
  { scheme, refused }: { readonly scheme: string; readonly refused: Refuse },
): ServerUrl<Kinds>['tls'] {
  const files = TLS_FILES.filter((name) => given.has(name))
  const said = given.get('tls') ?? String(tlsSchemes === undefined && files.length > 0)
  if (said !== 'true' && said !== 'false') throw refused('tls is true or false')
  if (said === 'false' && tlsSchemes?.includes(scheme) !== true) {
    if (files.length === 0) return undefined
    throw refused(`${files.join(' and ')} would be for TLS, which is not on`)
  }
  if (given.has('cert') !== given.has('key')) throw refused('cert and key need each other')
  return Object.fromEntries(
    files.map((name) => [name, textOf(name, given.get(name) ?? '', refused)]),
  )
}

function textOf(name: string, file: string, refused: Refuse): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw refused(`its ${name} file ${file} cannot be read (${reason})`, cause)
  }
}

function hostOf(written: string, defaultPort: number, refused: Refuse): HostPort {
  const { v6, name, port = defaultPort } = HOST.exec(written)?.groups ?? {}
  // Empty for what no host name has: with a space in it the rest of the URL would be read as another host's.
  const host = v6 ?? domainToASCII(name ?? '')
  if (host !== '' && Number(port) > 0 && Number(port) <= PORT_MAX)
    return { host, port: Number(port) }
  throw refused(`a host is host or host:port, with a port from 1 to ${PORT_MAX}`)
}

function loginOf(login: string, refused: Refuse): { user: string; password: string } {
  const colon = login.includes(':') ? login.indexOf(':') : login.length
  try {
    return {
      user: decodeURIComponent(login.slice(0, colon)),
      password: decodeURIComponent(login.slice(colon + 1)),
    }
  } catch {
    throw refused('in user and password, write % as %25')
  }
}

function valuesOf<P extends Kinds>(given: URLSearchParams, kinds: P, refused: Refuse) {
  const values = Object.entries(kinds).map(([name, kind]) => {
    const value = given.get(name) ?? undefined
    if (value === undefined || kind === 'text') return [name, value]
    if (/^[1-9]\d*$/.test(value)) return [name, Number(value)]
    throw refused(`${name} is a whole number from 1 up, not ${value}`)
  })
  return Object.fromEntries(values) as ServerUrl<P>['parameters']
}
