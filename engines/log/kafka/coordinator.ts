import type { Brokers } from './brokers.ts'
import type { Connections } from './connections.ts'
import { engineErrorOf } from './kafka-errors.ts'
import type { Api, Apis, NodeAddress } from './protocol.ts'

/** Requests that a broker may hold until other members have answered; others must not queue behind them. */
const HELD: ReadonlySet<Api> = new Set(['JoinGroup', 'SyncGroup', 'Heartbeat'])

/** The coordinator of a group: the broker that manages it, looked up again when it has moved. */
export class Coordinator implements AsyncDisposable {
  readonly group: string
  readonly #brokers: Brokers
  readonly #held: Connections
  readonly #prompt: Connections
  #address: NodeAddress | undefined

  constructor(group: string, brokers: Brokers) {
    this.group = group
    this.#brokers = brokers
    this.#held = brokers.connections()
    this.#prompt = brokers.connections()
  }

  /** @throws EngineError; the next request looks for the coordinator again */
  async send<A extends Api>(
    api: A,
    fields: Omit<Apis[A]['request'], 'groupId'>,
    doing: string,
  ): Promise<Apis[A]['answer']> {
    this.#address ??= await this.#brokers.coordinator(this.group)
    const connections = HELD.has(api) ? this.#held : this.#prompt
    const request = { ...fields, groupId: this.group } as Apis[A]['request']
    try {
      return await connections.send(this.#address, api, request)
    } catch (error) {
      this.forget()
      throw engineErrorOf(error, `${doing} of group ${this.group}`)
    }
  }

  /** To be called when the broker says, or shows by failing, that it is no longer the coordinator. */
  forget(): void {
    this.#address = undefined
  }

  /** Rejects the requests that have no answer yet. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#held, this.#prompt].map((each) => each[Symbol.asyncDispose]()))
  }
}
