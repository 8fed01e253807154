import { readFile } from 'node:fs/promises'
import { EngineError } from '#engines/errors.ts'

const EXAMPLES =
  'redis://user:password@host:6379/0, rediss://host:6379?ca=/etc/ca.pem or redis-cluster://host:6379,host:6379?tls=true'
const DEFAULT_PORT = 6379
/** So that a server may be shared with others; another with `?prefix=`. */
const DEFAULT_PREFIX = 'freshet:'

const FORM =
  /^(?<scheme>redis|rediss|redis-cluster):\/\/((?<user>[^:@/]*)(:(?<password>[^@/]*))?@)?(?<hosts>[^@/?]+)(\/(?<db>\d*))?(\?(?<query>.*))?$/
const HOST = /^(\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+))(:(?<port>\d{1,5}))?$/
const PARAMETERS = ['tls', 'ca', 'prefix']

export interface RedisAddress {
  /** Scheme and hosts, fit to be shown. */
  readonly shown: string
  readonly isCluster: boolean
  /** One, or those of a cluster that are asked first. */
  readonly nodes: readonly RedisNode[]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
  readonly tls: { readonly ca: Buffer | undefined } | undefined
  readonly keyPrefix: string
}

interface RedisNode {
  readonly host: string
  readonly port: number
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS) and `redis-cluster://host:port,host:port…`, with
 * `tls=true`, `ca=FILE` and `prefix=TEXT`. @throws EngineError ENGINE_REFUSED, never with a password
 */
export async function readRedisUrl(url: string): Promise<RedisAddress> {
  const parts = FORM.exec(url)?.groups
  if (parts === undefined) throw refused('cannot be read')
  const { scheme = '', user = '', password = '', hosts = '', db = '', query = '' } = parts
  const nodes = hosts.split(',').map(nodeOf)
  const isCluster = scheme === 'redis-cluster'
  if (nodes.length > 1 && !isCluster) throw refused('names several hosts, which a cluster has')
  if (isCluster && Number(db) !== 0) throw refused('names a database, which a cluster has not')
  const parameters = new URLSearchParams(query)
  const unknown = [...parameters.keys()].find((key) => !PARAMETERS.includes(key))
  if (unknown !== undefined) throw refused(`has the parameter ${unknown}, which means nothing here`)
  const ca = parameters.get('ca')
  const isSecure = scheme === 'rediss' || parameters.get('tls') === 'true'
  if (ca !== null && !isSecure) throw refused('names certificates, but not TLS')
  return {
    shown: `${scheme}://${hosts}`,
    isCluster,
    nodes,
    username: unescaped(user),
    password: unescaped(password),
    db: Number(db),
    tls: isSecure ? { ca: ca === null ? undefined : await certificates(ca) } : undefined,
    keyPrefix: parameters.get('prefix') ?? DEFAULT_PREFIX,
  }
}

function nodeOf(text: string): RedisNode {
  const { v6, name, port = String(DEFAULT_PORT) } = HOST.exec(text)?.groups ?? {}
  const host = v6 ?? name
  if (host === undefined || Number(port) > 65_535) throw refused(`has the host ${text}`)
  return { host, port: Number(port) }
}

function unescaped(text: string): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text)
  } catch {
    throw refused('has a user or a password with wrong %-escapes')
  }
}

async function certificates(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`names certificates that cannot be read (${reason})`, error)
  }
}

function refused(what: string, cause?: unknown): EngineError {
  return new EngineError(
    'ENGINE_REFUSED',
    `the URL of the cache ${what}; right ones are ${EXAMPLES}`,
    { retriable: false, cause },
  )
}
