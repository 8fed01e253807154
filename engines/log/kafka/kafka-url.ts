import { readFileSync } from 'node:fs'
import { EngineError } from '#engines/errors.ts'
import type { NodeAddress } from './protocol.ts'

const EXAMPLE = 'kafka://user:password@host:9092,host2:9092?tls=true&sasl=scram-sha-512'
const PARAMETERS = ['tls', 'ca', 'sasl', 'replication'] as const
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const PORT = 9092

/** Where a cluster is and how to get in. */
export interface KafkaUrl {
  /** Brokers to ask first; they name the others. */
  readonly brokers: readonly NodeAddress[]
  readonly tls: { readonly ca?: string } | undefined
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
 * Reads `kafka://[user:password@]host:port[,host:port…][?tls=true&ca=FILE&sasl=…&replication=N]`. User and password are
 * percent-encoded; with them and without `sasl`, the mechanism is SCRAM-SHA-512.
 * @throws EngineError ENGINE_REFUSED which says what is wrong, without the password
 */
export function parseKafkaUrl(url: string): KafkaUrl {
  // Not new URL(): it knows one host only.
  const match = /^kafka:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/.exec(url)
  if (match === null) throw malformed('it has another form')
  const [, login, hosts = '', query = ''] = match
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) {
    if (!PARAMETERS.some((known) => known === name))
      throw malformed(`it knows no ${name}, only ${PARAMETERS.join(', ')}`)
  }
  return {
    brokers: hosts.split(',').map(parseHost),
    tls: parseTls(parameters),
    sasl: parseLogin(login, parameters.get('sasl')),
    replication: parseReplication(parameters.get('replication')),
  }
}

function parseHost(text: string): NodeAddress {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(text)
  const port = Number(match?.[2] ?? PORT)
  if (match === null || port < 1 || port > 65_535) throw malformed(`${text} is not host:port`)
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port }
}

function parseTls(parameters: URLSearchParams): KafkaUrl['tls'] {
  const ca = parameters.get('ca')
  const tls = parameters.get('tls') ?? String(ca !== null)
  if (tls !== 'true' && tls !== 'false') throw malformed(`tls is true or false, not ${tls}`)
  if (tls === 'false') {
    if (ca !== null) throw malformed('ca needs tls=true')
    return undefined
  }
  return ca === null ? {} : { ca: readCertificate(ca) }
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw malformed(`the file of ca= cannot be read (${String(error)})`)
  }
}

function parseLogin(login: string | undefined, sasl: string | null): KafkaUrl['sasl'] {
  if (login === undefined || login === '') {
    if (sasl !== null) throw malformed('sasl needs user:password@')
    return undefined
  }
  const mechanism = MECHANISMS.find((known) => known === (sasl ?? 'scram-sha-512').toLowerCase())
  if (mechanism === undefined) throw malformed(`sasl is one of ${MECHANISMS.join(', ')}`)
  const [username = '', password = '', ...rest] = login.split(':')
  if (username === '' || password === '' || rest.length > 0)
    throw malformed('before the @ stand user:password, a : within them as %3A')
  try {
    return {
      mechanism,
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    }
  } catch {
    throw malformed('user or password is not percent-encoded; write % as %25')
  }
}

function parseReplication(text: string | null): number | undefined {
  if (text === null) return undefined
  const replication = Number(text)
  if (Number.isInteger(replication) && replication > 0) return replication
  throw malformed(`replication is a number of copies, not ${text}`)
}

function malformed(why: string): EngineError {
  return new EngineError(
    'ENGINE_REFUSED',
    `the Kafka URL is not right: ${why}; a right one is ${EXAMPLE}`,
    { retriable: false },
  )
}
