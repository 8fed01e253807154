/**
 * The layer of kafkajs 2.2.4 that stands below its consumer and producer: connections, authentication and the requests
 * of the protocol. docs/decisions/0014 says why this adapter is built on it.
 */
declare module 'kafkajs/src/network/connection.js' {
  export interface KafkajsLogger {
    namespace(name: string): KafkajsLogger
    debug(message: string, extra?: object): void
    info(message: string, extra?: object): void
    warn(message: string, extra?: object): void
    error(message: string, extra?: object): void
  }

  export interface ConnectionOptions {
    readonly host: string
    readonly port: number
    readonly clientId: string
    readonly logger: KafkajsLogger
    readonly socketFactory: (to: {
      readonly host: string
      readonly port: number
      readonly ssl: import('node:tls').ConnectionOptions | null
      readonly onConnect: () => void
    }) => import('node:net').Socket
    readonly ssl: import('node:tls').ConnectionOptions | null
    readonly sasl: {
      readonly mechanism: string
      readonly username: string
      readonly password: string
    } | null
    readonly connectionTimeout: number
    readonly requestTimeout: number
  }

  /** One TCP connection. After a failure it may keep half an answer of the old socket: make a new one then. */
  export default class Connection {
    constructor(options: ConnectionOptions)
    readonly socket: import('node:net').Socket | undefined
    isConnected(): boolean
    connect(): Promise<void>
    setVersions(versions: ApiVersions): void
    setSupportAuthenticationProtocol(isSupported: boolean): void
    authenticate(): Promise<void>
    send(call: ProtocolCall): Promise<unknown>
    rejectRequests(error: Error): void
    disconnect(): Promise<void>
  }

  export type ApiVersions = Record<
    number,
    { readonly minVersion: number; readonly maxVersion: number }
  >

  /** A request and how its answer is read: `decode` the bytes, then `parse`, which throws if there is an error code in it. */
  export interface ProtocolCall {
    readonly request: {
      readonly apiKey: number
      readonly apiVersion: number
      readonly apiName: string
      readonly encode: () => Promise<unknown>
    }
    readonly response: {
      readonly decode: (payload: Buffer) => Promise<unknown>
      readonly parse: (decoded: unknown) => Promise<unknown>
    }
    readonly requestTimeout?: number
    readonly logResponseError?: boolean
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    throttledUntil: number
    throttleCheckTimeoutId: NodeJS.Timeout | null
    readonly pending: readonly unknown[]
    checkPendingRequests(): void
    scheduleCheckPendingRequests(): void
  }
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  import type { ApiVersions, ProtocolCall } from 'kafkajs/src/network/connection.js'

  interface Definition {
    protocol(at: { readonly version: number }): (fields: never) => ProtocolCall
  }
  const protocol: {
    readonly requests: Readonly<Record<string, Definition>>
    readonly lookup: (
      versions: ApiVersions,
    ) => (apiKey: number, definition: Definition) => (fields: object) => ProtocolCall
  }
  export default protocol
}

declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: Readonly<Record<string, number>>
  export default apiKeys
}

declare module 'kafkajs/src/protocol/error.js' {
  const error: {
    readonly createErrorFromCode: (
      code: number,
    ) => Error & { readonly type: string; readonly retriable: boolean }
  }
  export default error
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js' {
  /** CRC-32C, unsigned. */
  export default function crc32C(bytes: Uint8Array): number
}
