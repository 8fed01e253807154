import type { Cluster } from './cluster.ts'
import type { Connections } from './connections.ts'
import { engineErrorOf } from './kafka-errors.ts'
import type { Api, Apis, NodeAddress } from './protocol.ts'

/** The broker that keeps a group, wherever it is just now. */
export class Coordinator {
  readonly group: string
  readonly #cluster: Cluster
  readonly #connections: Connections
  #address: NodeAddress | undefined

  constructor(group: string, cluster: Cluster, connections: Connections) {
    this.group = group
    this.#cluster = cluster
    this.#connections = connections
  }

  /** @throws EngineError; the next request looks for the coordinator again */
  async send<A extends Api>(
    api: A,
    fields: Omit<Apis[A]['request'], 'groupId'>,
    doing: string,
  ): Promise<Apis[A]['answer']> {
    this.#address ??= await this.#cluster.coordinator(this.group)
    const request = { ...fields, groupId: this.group } as Apis[A]['request']
    try {
      return await this.#connections.send(this.#address, api, request)
    } catch (error) {
      this.forget()
      throw engineErrorOf(error, `${doing} of group ${this.group}`)
    }
  }

  /**
   * Takes leave of the group, on another connection: on that of the others a request to join may be waiting.
   * @throws EngineError
   */
  async leave(memberId: string): Promise<void> {
    if (this.#address === undefined) return
    const fields = { groupId: this.group, memberId }
    await this.#cluster.send(this.#address, 'LeaveGroup', fields, `cannot leave ${this.group}`)
  }

  /** It has said, or shown, that it is not the coordinator any more. */
  forget(): void {
    this.#address = undefined
  }
}
