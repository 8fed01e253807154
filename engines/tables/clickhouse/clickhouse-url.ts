import { readFileSync } from 'node:fs'
import { EngineError } from '#engines/errors.ts'

/** Where a ClickHouse is and how it is entered. */
export interface ClickHouseAddress {
  /** `http://host:8123`, without the login. */
  readonly http: string
  readonly username: string
  readonly password: string
  readonly database: string
  /** Certificates, PEM, that a server's own must come from; the system's when absent. */
  readonly ca: Buffer | undefined
  /** Its tables are replicated on the servers of this cluster. */
  readonly cluster: string | undefined
}

const EXAMPLE = 'clickhouse://user:password@host:8123/freshet'
const KNOWN = ['tls', 'ca', 'cluster']
const NAME = /^[A-Za-z_]\w*$/

/**
 * Reads `clickhouse://[user:password@]host[:8123]/database[?tls=true&ca=FILE&cluster=NAME]`; the port is 8443 with TLS
 * when none is given, the database `freshet`.
 * @throws EngineError ENGINE_REFUSED, in words without the password
 */
export function parseClickHouseUrl(text: string): ClickHouseAddress {
  const url = parse(text)
  const unknown = [...url.searchParams.keys()].find((key) => !KNOWN.includes(key))
  if (unknown !== undefined) throw malformed(`it has no option ${unknown}`)
  const tls = url.searchParams.get('tls') ?? (url.searchParams.has('ca') ? 'true' : 'false')
  if (tls !== 'true' && tls !== 'false') throw malformed('tls is true or false')
  const secure = tls === 'true'
  return {
    http: `${secure ? 'https' : 'http'}://${url.hostname}:${url.port || (secure ? 8443 : 8123)}`,
    username: decoded(url.username) || 'default',
    password: decoded(url.password),
    database: nameOf('database', decoded(url.pathname.slice(1)) || 'freshet'),
    ca: secure ? certificates(url.searchParams.get('ca')) : undefined,
    cluster: clusterOf(url),
  }
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'clickhouse:') throw malformed('it does not begin with clickhouse://')
  if (url.hostname === '') throw malformed('it names no host')
  return url
}

function clusterOf(url: URL): string | undefined {
  const cluster = url.searchParams.get('cluster')
  return cluster === null ? undefined : nameOf('cluster', cluster)
}

function nameOf(what: string, name: string): string {
  if (NAME.test(name)) return name
  throw malformed(`the name of a ${what} has letters, digits and underscores, not ${name}`)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw malformed('a % in it must be written as %25')
  }
}

function certificates(file: string | null): Buffer | undefined {
  if (file === null) return undefined
  try {
    return readFileSync(file)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw malformed(`its certificates cannot be read from ${file} (${reason})`)
  }
}

function malformed(reason: string): EngineError {
  const message = `the URL of the tables is not right: ${reason}; a right one is ${EXAMPLE}?tls=true&ca=ca.pem`
  return new EngineError('ENGINE_REFUSED', message, { retriable: false })
}
