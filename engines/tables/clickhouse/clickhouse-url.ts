import { authorityOf, parseServerUrl, type UrlForm } from '#engines/server-url.ts'

/** Address and login of a ClickHouse. */
export interface ClickHouseAddress {
  /** `http://host:8123`, without the login. */
  readonly http: string
  readonly username: string
  readonly password: string
  readonly database: string
  /** Trusted certificate authorities in PEM format; the system's when absent. */
  readonly ca: string | undefined
  /** The cluster on whose servers the tables are replicated. */
  readonly cluster: string | undefined
}

const PARAMETERS = { cluster: 'text' } as const
const FORM: UrlForm<typeof PARAMETERS> = {
  of: 'tables',
  schemes: ['clickhouse:'],
  example: 'clickhouse://user:password@host:8123/freshet?tls=true&ca=ca.pem',
  port: 8123,
  tlsPort: 8443,
  tls: ['tls', 'ca'],
  parameters: PARAMETERS,
}
const NAME = /^[A-Za-z_]\w*$/

/**
 * Reads `clickhouse://[user:password@]host[:8123]/database[?tls=true&ca=FILE&cluster=NAME]`; the port is 8443 with TLS
 * when none is given, the database `freshet`. @throws EngineError ENGINE_REFUSED, never with a password
 */
export function parseClickHouseUrl(text: string): ClickHouseAddress {
  const { hosts, path, tls, user, password, parameters, refused } = parseServerUrl(text, FORM)
  const nameOf = (what: string, name: string) => {
    if (NAME.test(name)) return name
    throw refused(`the name of a ${what} has letters, digits and underscores, not ${name}`)
  }
  const [host, ...others] = hosts
  if (others.length > 0) throw refused('it names several hosts')
  const { cluster } = parameters
  return {
    http: `${tls === undefined ? 'http' : 'https'}://${authorityOf(host)}`,
    username: user || 'default',
    password,
    database: nameOf('database', path.slice(1) || 'freshet'),
    ca: tls?.ca,
    cluster: cluster === undefined ? undefined : nameOf('cluster', cluster),
  }
}
