import type { Cluster } from './cluster.ts'
import type { Connections } from './connections.ts'
import { engineErrorOf } from './kafka-errors.ts'
import type { Api, Apis, NodeAddress } from './protocol.ts'

/** What a broker may keep waiting until other members have answered; nothing else should stand behind it. */
const WAITING: ReadonlySet<Api> = new Set(['JoinGroup', 'SyncGroup', 'Heartbeat'])

/** The broker that keeps a group, wherever it is just now. */
export class Coordinator implements AsyncDisposable {
  readonly group: string
  readonly #cluster: Cluster
  readonly #waiting: Connections
  readonly #prompt: Connections
  #address: NodeAddress | undefined

  constructor(group: string, cluster: Cluster) {
    this.group = group
    this.#cluster = cluster
    this.#waiting = cluster.connections()
    this.#prompt = cluster.connections()
  }

  /** @throws EngineError; the next request looks for the coordinator again */
  async send<A extends Api>(
    api: A,
    fields: Omit<Apis[A]['request'], 'groupId'>,
    doing: string,
  ): Promise<Apis[A]['answer']> {
    this.#address ??= await this.#cluster.coordinator(this.group)
    const connections = WAITING.has(api) ? this.#waiting : this.#prompt
    const request = { ...fields, groupId: this.group } as Apis[A]['request']
    try {
      return await connections.send(this.#address, api, request)
    } catch (error) {
      this.forget()
      throw engineErrorOf(error, `${doing} of group ${this.group}`)
    }
  }

  /** It has said, or shown, that it is not the coordinator any more. */
  forget(): void {
    this.#address = undefined
  }

  /** Requests in hand are rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#waiting, this.#prompt].map((each) => each[Symbol.asyncDispose]()))
  }
}
