import { join } from 'node:path'
import type { Ports } from '../running-servers.ts'
import type { KafkaSecrets } from './kafka-secrets.ts'

export interface KafkaNode {
  /** 0-based; the node id is one more. */
  readonly index: number
  /** All nodes' ports. */
  readonly ports: readonly Ports[]
  readonly folder: string
  readonly secrets: KafkaSecrets
}

/** The `server.properties` of one node. Topics are created by `freshet init`, never implicitly. */
export function kafkaProperties(node: KafkaNode): string {
  const { index, ports, folder } = node
  const own = ports[index]
  const isSecure = own?.['secure'] !== undefined
  const listeners = [
    `PLAINTEXT://127.0.0.1:${own?.client}`,
    ...(isSecure ? [`SECURE://127.0.0.1:${own['secure']}`] : []),
  ].join()
  const replicas = Math.min(ports.length, 3)
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': index + 1,
    // Not stored in the data: the ports may change between starts.
    'controller.quorum.voters': ports
      .map(({ controller }, at) => `${at + 1}@127.0.0.1:${controller}`)
      .join(),
    'controller.listener.names': 'CONTROLLER',
    listeners: `${listeners},CONTROLLER://127.0.0.1:${own?.['controller']}`,
    'advertised.listeners': listeners,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    'default.replication.factor': replicas,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.min(replicas, 2),
    'min.insync.replicas': Math.min(replicas, 2),
    ...(isSecure ? secureListener(node.secrets) : {}),
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

function secureListener({ user, password, keystore }: KafkaSecrets) {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  const listener = 'listener.name.secure'
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': keystore,
    'ssl.keystore.password': password,
    [`${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${listener}.plain.sasl.jaas.config`]: `${plain} required user_${user}="${password}";`,
    [`${listener}.scram-sha-256.sasl.jaas.config`]: `${scram} required;`,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: `${scram} required;`,
  }
}
