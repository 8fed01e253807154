import { type HostPort, parseServerUrl, type ServerUrl, type UrlForm } from '#engines/server-url.ts'

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

const PARAMETERS = { sasl: 'text', replication: 'count' } as const
const FORM: UrlForm<typeof PARAMETERS> = {
  of: 'log',
  schemes: ['kafka:'],
  example: 'kafka://user:password@host:9092,host2:9092?tls=true&sasl=scram-sha-512',
  port: 9092,
  tls: ['tls', 'ca', 'cert', 'key'],
  parameters: PARAMETERS,
}
type Url = ServerUrl<typeof PARAMETERS>

/** Addresses of the brokers, and the login. */
export interface KafkaUrl extends Pick<Url, 'tls'> {
  /** Brokers to ask first; they name the others. */
  readonly brokers: readonly HostPort[]
  readonly sasl:
    | {
        readonly mechanism: (typeof MECHANISMS)[number]
        readonly username: string
        readonly password: string
      }
    | undefined
  /** Copies of each record; undefined: three, or as many as there are brokers. */
  readonly replication: number | undefined
}

/**
 * Reads `kafka://[user:password@]host:port[,host:port…][?tls=true&ca=FILE&cert=FILE&key=FILE&sasl=…&replication=N]`; with
 * a login and without `sasl`, the mechanism is SCRAM-SHA-512. @throws EngineError ENGINE_REFUSED, never with a password
 */
export function parseKafkaUrl(text: string): KafkaUrl {
  const url = parseServerUrl(text, FORM)
  if (!['', '/'].includes(url.path)) throw url.refused('it has a path')
  return {
    brokers: url.hosts,
    tls: url.tls,
    sasl: saslOf(url),
    replication: url.parameters.replication,
  }
}

function saslOf({ user, password, parameters: { sasl }, refused }: Url): KafkaUrl['sasl'] {
  if (user === '' && password === '') {
    if (sasl !== undefined) throw refused('sasl needs user:password@')
    return undefined
  }
  const mechanism = MECHANISMS.find((known) => known === (sasl ?? 'scram-sha-512').toLowerCase())
  if (mechanism === undefined) throw refused(`sasl is one of ${MECHANISMS.join(', ')}`)
  if (user === '' || password === '') throw refused('a login is user:password before the @')
  return { mechanism, username: user, password }
}
