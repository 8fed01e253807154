import { BrokerConnection, type ConnectionSettings } from './broker-connection.ts'
import type { Api, Apis, NodeAddress } from './protocol.ts'

/** At most one connection to each broker, for one user of them. */
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

  /** Rejects the requests that have no answer yet. */
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
