import { type HostPort, parseServerUrl, type ServerUrl, type UrlForm } from '#engines/server-url.ts'

const PARAMETERS = { prefix: 'text' } as const
const FORM: UrlForm<typeof PARAMETERS> = {
  of: 'cache',
  schemes: ['redis:', 'rediss:', 'redis-cluster:'],
  example:
    'redis://user:password@host:6379/0, rediss://host:6379?ca=ca.pem or redis-cluster://host:6379,host:6379?tls=true',
  port: 6379,
  tlsSchemes: ['rediss:'],
  tls: ['tls', 'ca', 'cert', 'key'],
  parameters: PARAMETERS,
}
/** Prefix of all keys, so that a server may be shared with other users; `?prefix=` sets another. */
const DEFAULT_PREFIX = 'freshet:'

export interface RedisAddress extends Pick<ServerUrl<typeof PARAMETERS>, 'shown' | 'tls'> {
  readonly isCluster: boolean
  /** One server, or the seed nodes of a cluster. */
  readonly nodes: readonly HostPort[]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
  readonly keyPrefix: string
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS) and `redis-cluster://host:port,host:port…`, with
 * `tls=true`, `ca=FILE`, `cert=FILE&key=FILE` and `prefix=TEXT`. @throws EngineError ENGINE_REFUSED, never with a password
 */
export function parseRedisUrl(text: string): RedisAddress {
  const { hosts, path, scheme, refused, ...url } = parseServerUrl(text, FORM)
  const isCluster = scheme === 'redis-cluster:'
  if (hosts.length > 1 && !isCluster)
    throw refused('it names several hosts, which only redis-cluster: has')
  if (!/^(\/\d*)?$/.test(path)) throw refused('a database is a number')
  const db = Number(path.slice(1))
  if (isCluster && db !== 0) throw refused('it names a database, which a cluster does not have')
  return {
    shown: url.shown,
    isCluster,
    nodes: hosts,
    username: url.user || undefined,
    password: url.password || undefined,
    db,
    tls: url.tls,
    keyPrefix: url.parameters.prefix ?? DEFAULT_PREFIX,
  }
}
