import { isIP, connect as openTcp } from 'node:net'
import { connect as openTls } from 'node:tls'
import Connection, {
  type ApiVersions,
  type ConnectionOptions,
  type KafkajsLogger,
  type ProtocolCall,
} from 'kafkajs/src/network/connection.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import requests from 'kafkajs/src/protocol/requests/index.js'
import type { Logger } from 'pino'
import { unavailable } from '#engines/errors.ts'
import { decodeFetchAnswer } from './fetch-answer.ts'
import type { KafkaUrl } from './kafka-url.ts'
import { encodeProduceRequest } from './produce-request.ts'
import type { Api, Apis, NodeAddress } from './protocol.ts'

const CLIENT_ID = 'freshet'
const CONNECT_MS = 5_000
/** Time-out of a request; kafkajs adds the time that the broker may hold it. */
const ANSWER_MS = 10_000
const API_VERSIONS_VERSION = 2

type ProduceFields = Apis['Produce']['request']

export interface ConnectionSettings {
  readonly url: KafkaUrl
  readonly logger: Logger | undefined
}

const CLOSED = unavailable('the connection was closed')

interface Open {
  readonly connection: Connection
  /** A request in the newest version that both sides know. */
  readonly call: (api: Api, fields: object) => ProtocolCall
}

/**
 * One TCP connection to one broker, opened by the first request and again by the first after a failure. A broker answers
 * the requests of a connection one after the other: requests that it holds need a connection of their own.
 */
export class BrokerConnection {
  readonly #address: NodeAddress
  readonly #settings: ConnectionSettings
  #open: Promise<Open> | undefined

  constructor(address: NodeAddress, settings: ConnectionSettings) {
    this.#address = address
    this.#settings = settings
  }

  /** The answer, with the error codes that are in it. @throws what kafkajs throws when none came */
  async send<A extends Api>(api: A, fields: Apis[A]['request']): Promise<Apis[A]['answer']> {
    const opening = this.#connected()
    try {
      const { connection, call } = await opening
      return (await connection.send(call(api, fields))) as Apis[A]['answer']
    } catch (error) {
      // After any error kafkajs may have lost its position in the stream of answers.
      await this.#drop(opening, error)
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#open !== undefined) await this.#drop(this.#open, CLOSED)
  }

  #connected(): Promise<Open> {
    this.#open ??= this.#connect()
    return this.#open
  }

  async #connect(): Promise<Open> {
    const connection = new Connection(optionsOf(this.#address, this.#settings))
    try {
      await connection.connect()
      const versions = await apiVersions(connection)
      connection.setVersions(versions)
      connection.setSupportAuthenticationProtocol(true)
      await connection.authenticate()
      const lookup = requests.lookup(versions)
      const call = (api: Api, fields: object) =>
        adapted(api, fields, lookup(apiKeys[api] ?? -1, definitionOf(api))(fields))
      return { connection, call }
    } catch (error) {
      await disconnect(connection, error)
      throw error
    }
  }

  async #drop(opened: Promise<Open>, reason: unknown): Promise<void> {
    if (this.#open === opened) this.#open = undefined
    const open = await opened.catch(() => undefined)
    if (open !== undefined) await disconnect(open.connection, reason)
  }
}

function optionsOf({ host, port }: NodeAddress, { url, logger }: ConnectionSettings) {
  const { tls, sasl } = url
  const options: ConnectionOptions = {
    host,
    port,
    clientId: CLIENT_ID,
    logger: kafkajsLogger(logger),
    ssl: tls ?? null,
    sasl: sasl === undefined ? null : { ...sasl },
    connectionTimeout: CONNECT_MS,
    requestTimeout: ANSWER_MS,
    socketFactory: ({ ssl, onConnect }) => {
      const to = { host, port, noDelay: true, keepAlive: true }
      if (ssl === null) return openTcp(to, onConnect)
      return openTls({ ...to, ...ssl, ...(isIP(host) === 0 && { servername: host }) }, onConnect)
    },
  }
  return options
}

/**
 * Logs the messages of kafkajs at level debug: a failed request reaches its caller as an EngineError, and the caller
 * knows whether it matters. The debug messages of each request are dropped.
 */
function kafkajsLogger(logger: Logger | undefined, name = 'kafkajs'): KafkajsLogger {
  const debug = (message: string, extra: object = {}) =>
    logger?.debug({ ...extra, logger: name }, message)
  return {
    namespace: (inner) => kafkajsLogger(logger, inner),
    debug: () => undefined,
    info: debug,
    warn: debug,
    error: debug,
  }
}

async function apiVersions(connection: Connection): Promise<ApiVersions> {
  const call = definitionOf('ApiVersions').protocol({ version: API_VERSIONS_VERSION })
  const answer = (await connection.send(call({} as never))) as Apis['ApiVersions']['answer']
  return Object.fromEntries(answer.apiVersions.map(({ apiKey, ...range }) => [apiKey, range]))
}

function definitionOf(api: Api) {
  const definition = requests.requests[api]
  if (definition === undefined) throw new TypeError(`kafkajs knows no request ${api}`)
  return definition
}

/**
 * The call without kafkajs' check of the answer, because one partition's error code must not hide the other partitions'
 * results; and with our own encoding of batches, because kafkajs creates objects for every record.
 */
function adapted(api: Api, fields: object, call: ProtocolCall): ProtocolCall {
  const { request, response } = call
  return {
    ...call,
    request:
      api === 'Produce'
        ? { ...request, encode: async () => encodeProduceRequest(fields as ProduceFields) }
        : request,
    response: {
      decode: api === 'Fetch' ? decodeFetchAnswer : response.decode,
      parse: async (decoded) => decoded,
    },
  }
}

async function disconnect(connection: Connection, reason: unknown): Promise<void> {
  connection.rejectRequests(reason instanceof Error ? reason : new Error(String(reason)))
  await connection.disconnect()
  connection.socket?.destroy()
}
