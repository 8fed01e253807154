import { BrokerConnection, type ConnectionSettings } from './broker-connection.ts'
import type { Api, Apis, NodeAddress } from './protocol.ts'

/** The connections of one user to the brokers: at most one to each. */
export class Connections implements AsyncDisposable {
  readonly #settings: ConnectionSettings
  readonly #open = new Map<string, BrokerConnection>()

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  send<A extends Api>(
    to: NodeAddress,
    api: A,
    fields: Apis[A]['request'],
  ): Promise<Apis[A]['answer']> {
    return this.#to(to).send(api, fields)
  }

  /** Requests in hand are rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((connection) => connection.close()))
  }

  #to(address: NodeAddress): BrokerConnection {
    const name = `${address.host}:${address.port}`
    let connection = this.#open.get(name)
    if (connection === undefined) {
      connection = new BrokerConnection(address, this.#settings)
      this.#open.set(name, connection)
    }
    return connection
  }
}
