/** The protocol's lists by topic. */
export interface OfTopic<P> {
  readonly topic: string
  readonly partitions: readonly P[]
}

interface WithErrorCode {
  /** 0: none. */
  readonly errorCode: number
}

interface OfPartition {
  readonly partition: number
}

export interface NodeAddress {
  readonly host: string
  readonly port: number
}

export interface MetadataAnswer {
  readonly brokers: readonly (NodeAddress & { readonly nodeId: number })[]
  readonly controllerId: number
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number
    readonly topic: string
    readonly partitionMetadata: readonly {
      readonly partitionId: number
      /** -1: none at the moment. */
      readonly leader: number
    }[]
  }[]
}

export interface PartitionAnswer extends OfPartition, WithErrorCode {
  /** Readers see records below this offset; -1 with an error code. */
  readonly end: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  readonly records: Buffer
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export interface FetchAnswer extends WithErrorCode {
  readonly topics: readonly OfTopic<PartitionAnswer>[]
}

interface InGeneration {
  readonly groupId: string
  readonly memberId: string
}

export interface JoinGroupAnswer extends WithErrorCode {
  readonly generationId: number
  readonly leaderId: string
  readonly memberId: string
  /** Sent to the group's leader only. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
}

/** The requests in use, as kafkajs takes them, and their answers as it decodes them. Offsets are decimal strings. */
export interface Apis {
  ApiVersions: {
    request: object
    answer: {
      readonly apiVersions: readonly {
        readonly apiKey: number
        readonly minVersion: number
        readonly maxVersion: number
      }[]
    }
  }
  Metadata: {
    request: { readonly topics: readonly string[]; readonly allowAutoTopicCreation: false }
    answer: MetadataAnswer
  }
  CreateTopics: {
    request: {
      readonly topics: readonly {
        readonly topic: string
        readonly numPartitions: number
        readonly replicationFactor: number
        readonly configEntries: readonly { readonly name: string; readonly value: string }[]
      }[]
      readonly timeout: number
    }
    answer: {
      readonly topicErrors: readonly (WithErrorCode & {
        readonly topic: string
        readonly errorMessage: string | null
      })[]
    }
  }
  ListOffsets: {
    request: { readonly topics: readonly OfTopic<OfPartition & { readonly timestamp: number }>[] }
    answer: {
      readonly responses: readonly OfTopic<
        OfPartition & WithErrorCode & { readonly offset: string }
      >[]
    }
  }
  Fetch: {
    request: {
      readonly maxWaitTime: number
      readonly minBytes: number
      readonly maxBytes: number
      readonly topics: readonly OfTopic<
        OfPartition & { readonly fetchOffset: number; readonly maxBytes: number }
      >[]
    }
    answer: FetchAnswer
  }
  Produce: {
    request: {
      readonly acks: -1
      readonly timeout: number
      readonly topicData: readonly OfTopic<OfPartition & { readonly batch: Buffer }>[]
    }
    answer: {
      readonly topics: readonly {
        readonly topicName: string
        readonly partitions: readonly (OfPartition &
          WithErrorCode & { readonly baseOffset: string })[]
      }[]
    }
  }
  GroupCoordinator: {
    request: { readonly groupId: string }
    answer: WithErrorCode & { readonly coordinator: NodeAddress & { readonly nodeId: number } }
  }
  JoinGroup: {
    request: InGeneration & {
      readonly sessionTimeout: number
      readonly rebalanceTimeout: number
      readonly protocolType: 'consumer'
      readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[]
    }
    answer: JoinGroupAnswer
  }
  SyncGroup: {
    request: InGeneration & {
      readonly generationId: number
      readonly groupAssignment: readonly {
        readonly memberId: string
        readonly memberAssignment: Buffer
      }[]
    }
    answer: WithErrorCode & { readonly memberAssignment: Buffer }
  }
  Heartbeat: {
    request: InGeneration & { readonly groupGenerationId: number }
    answer: WithErrorCode
  }
  LeaveGroup: { request: InGeneration; answer: WithErrorCode }
  OffsetCommit: {
    request: InGeneration & {
      readonly groupGenerationId: number
      readonly topics: readonly OfTopic<
        OfPartition & { readonly offset: number; readonly metadata: string }
      >[]
    }
    answer: { readonly responses: readonly OfTopic<OfPartition & WithErrorCode>[] }
  }
  OffsetFetch: {
    request: { readonly groupId: string; readonly topics: readonly OfTopic<OfPartition>[] }
    answer: WithErrorCode & {
      readonly responses: readonly OfTopic<
        OfPartition &
          WithErrorCode & {
            /** -1: none. */
            readonly offset: string
            readonly metadata: string | null
          }
      >[]
    }
  }
}

export type Api = keyof Apis
