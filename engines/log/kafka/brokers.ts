import { type EngineError, unavailable } from '#engines/errors.ts'
import { unknownTopic } from '../log-errors.ts'
import type { Partition } from '../port.ts'
import type { ConnectionSettings } from './broker-connection.ts'
import { Connections } from './connections.ts'
import { checkCode, engineErrorOf, protocolFailure } from './kafka-errors.ts'
import { nameOf } from './offsets.ts'
import type { Api, Apis, MetadataAnswer, NodeAddress } from './protocol.ts'

/** Stands for the leader of partitions that have none at the moment. */
export const NO_LEADER: NodeAddress = { host: 'no-leader', port: 0 }

export function leaderless(partitions: readonly Partition[]): EngineError {
  const names = partitions.map(nameOf).join(', ')
  return unavailable(`no broker leads ${names} at the moment`)
}

type TopicMetadata = MetadataAnswer['topicMetadata'][number]['partitionMetadata']

/** The brokers of one Kafka, and their metadata as far as this process knows it: the partitions of topics and who leads them. */
export class Brokers implements AsyncDisposable {
  readonly #seeds: readonly NodeAddress[]
  readonly #settings: ConnectionSettings
  readonly #connections: Connections
  #nodes = new Map<number, NodeAddress>()
  readonly #topics = new Map<string, TopicMetadata>()
  /** Topics to ask about in the next refresh. */
  readonly #wanted = new Set<string>()
  #refreshing: Promise<void> | undefined

  constructor(settings: ConnectionSettings) {
    this.#seeds = settings.url.brokers
    this.#settings = settings
    this.#connections = new Connections(settings)
  }

  /** Separate connections, for requests that a broker holds: others must not queue behind them. */
  connections(): Connections {
    return new Connections(this.#settings)
  }

  get brokerCount(): number {
    return this.#nodes.size
  }

  /** How many partitions the topic has. @throws EngineError UNKNOWN_TOPIC, ENGINE_UNAVAILABLE */
  async partitions(topic: string): Promise<number> {
    if (!this.#topics.has(topic)) await this.refresh([topic])
    const metadata = this.#topics.get(topic)
    if (metadata !== undefined) return metadata.length
    throw unknownTopic(topic)
  }

  /** The partition's leader by the newest metadata. */
  leader(topic: string, partition: number): NodeAddress | undefined {
    const metadata = this.#topics.get(topic)?.find(({ partitionId }) => partitionId === partition)
    return this.#nodes.get(metadata?.leader ?? -1)
  }

  /** Fetches the metadata of these topics and of those known already. Concurrent callers share one request. */
  async refresh(topics: readonly string[] = []): Promise<void> {
    for (const topic of topics) this.#wanted.add(topic)
    if (topics.some((topic) => !this.#topics.has(topic)))
      await this.#refreshing?.catch(() => undefined)
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
  }

  async coordinator(groupId: string): Promise<NodeAddress> {
    const doing = `cannot find the coordinator of group ${groupId}`
    const answer = await this.ask('GroupCoordinator', { groupId }, doing)
    checkCode(answer.errorCode, doing)
    return answer.coordinator
  }

  /** Sends to the broker. @throws EngineError */
  async send<A extends Api>(
    to: NodeAddress,
    api: A,
    fields: Apis[A]['request'],
    doing: string,
  ): Promise<Apis[A]['answer']> {
    try {
      return await this.#connections.send(to, api, fields)
    } catch (error) {
      throw engineErrorOf(error, doing)
    }
  }

  /** Sends to one broker after the other until one answers. @throws EngineError of the last one */
  async ask<A extends Api>(
    api: A,
    fields: Apis[A]['request'],
    doing: string,
  ): Promise<Apis[A]['answer']> {
    let failure: unknown
    for (const node of [...this.#nodes.values(), ...this.#seeds]) {
      try {
        return await this.send(node, api, fields, `${doing} (${node.host}:${node.port})`)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  async #refresh(): Promise<void> {
    const topics = [...new Set([...this.#topics.keys(), ...this.#wanted])]
    this.#wanted.clear()
    const fields = { topics, allowAutoTopicCreation: false } as const
    const answer = await this.ask('Metadata', fields, 'cannot ask for the topics')
    this.#nodes = new Map(answer.brokers.map((node) => [node.nodeId, this.#addressOf(node)]))
    for (const { topic, topicErrorCode, partitionMetadata } of answer.topicMetadata) {
      if (partitionMetadata.length > 0) this.#topics.set(topic, partitionMetadata)
      else this.#forget(topic, topicErrorCode)
    }
  }

  /** The same object while a broker keeps its address: requests are grouped by it. */
  #addressOf({ nodeId, host, port }: MetadataAnswer['brokers'][number]): NodeAddress {
    const known = this.#nodes.get(nodeId)
    return known?.host === host && known.port === port ? known : { host, port }
  }

  #forget(topic: string, errorCode: number): void {
    this.#topics.delete(topic)
    const failure = protocolFailure(errorCode, `cannot look up topic ${topic}`)
    if (failure.code === 'ENGINE_REFUSED') throw failure
  }
}
