import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { fixThrottleTimer } from '#engines/log/kafka/throttle-fix.ts'
import type { Ports } from '../running-servers.ts'
import { download } from './download.ts'
import { chooseJava, findJavas } from './find-java.ts'
import { kafkaProperties } from './kafka-properties.ts'
import { type KafkaSecrets, kafkaSecrets } from './kafka-secrets.ts'
import { makeKeystore } from './make-keystore.ts'
import { runProgram } from './run-program.ts'
import type { ServerPlace, ServerRecipe } from './server-recipe.ts'

const VERSION = '4.4.0'
const JAVA_RELEASE_MIN = 17
const HEAP = '512m'
const DOWNLOAD = {
  name: `kafka-${VERSION}`,
  bytes: 45e6,
  // Without the second, in the version of log4j-core, the broker logs nothing.
  artifacts: [
    `org.apache.kafka:kafka_2.13:${VERSION}`,
    'org.apache.logging.log4j:log4j-slf4j-impl:2.25.5',
  ],
} as const

/** Distance between the brokers' default ports. */
const PORTS_APART = 10

/** Kafka in KRaft mode: every node is broker and controller. */
export const KAFKA: ServerRecipe = {
  title: 'Kafka',
  usualPorts: ({ brokers, secure }) =>
    Array.from({ length: brokers }, (_, index) => ({
      client: 9092 + index * PORTS_APART,
      controller: 9093 + index * PORTS_APART,
      ...(secure ? { secure: 9094 + index * PORTS_APART } : {}),
    })),

  async prepare(place) {
    const java = chooseJava(await findJavas(), JAVA_RELEASE_MIN)
    const programs = await download(DOWNLOAD, place)
    const secrets = kafkaSecrets(place.folder)
    if (place.ports[0]?.['secure'] !== undefined) await makeKeystore(secrets, java)
    const logging = join(place.folder, 'log4j2.properties')
    writeFileSync(logging, LOGGING)
    const classes = ['-cp', `${programs}/*`, `-Dlog4j2.configurationFile=${logging}`]
    const nodes = place.ports.map((_, index) => nodeFolder(place, index))
    await Promise.all(
      nodes.map(async (folder, index) => {
        mkdirSync(folder, { recursive: true })
        const properties = join(folder, 'server.properties')
        const { ports } = place
        writeFileSync(properties, kafkaProperties({ index, ports, folder, secrets }))
        if (existsSync(join(folder, 'data', 'meta.properties'))) return
        place.report('formats its storage')
        await runProgram(java.program, [...classes, ...formatting(properties, secrets)])
      }),
    )
    return {
      version: `Kafka ${VERSION}`,
      ...urlsOf(place, secrets),
      commands: nodes.map((cwd) => ({
        program: java.program,
        args: [`-Xmx${HEAP}`, ...classes, 'kafka.Kafka', join(cwd, 'server.properties')],
        cwd,
      })),
      isReady: () => answer(place.ports),
    }
  },
}

/** One folder per cluster size: a single broker cannot read the data of three. */
function nodeFolder({ folder, ports }: ServerPlace, index: number): string {
  return join(folder, `brokers-${ports.length}`, `node-${index + 1}`)
}

/** Creates the login too: before the first start only formatting can. */
function formatting(properties: string, { clusterId, user, password }: KafkaSecrets): string[] {
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${user},password=${password}]`,
  ])
  return ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, ...scram]
}

function urlsOf({ ports }: ServerPlace, { user, password, ca }: KafkaSecrets) {
  const replication = Math.min(ports.length, 3)
  const hosts = (use: string) => ports.map((each) => `127.0.0.1:${each[use]}`).join()
  const query = replication > 1 ? { replication: String(replication) } : undefined
  const url = `kafka://${hosts('client')}${query ? `?${new URLSearchParams(query).toString()}` : ''}`
  if (ports[0]?.['secure'] === undefined) return { url }
  const secureQuery = new URLSearchParams({
    tls: 'true',
    ca,
    sasl: 'scram-sha-512',
    ...query,
  }).toString()
  return { url, secureUrl: `kafka://${user}:${password}@${hosts('secure')}?${secureQuery}` }
}

/** Whether every broker answers and knows all others. Each is asked: they notice a missing one only after seconds. */
async function answer(ports: readonly Ports[]): Promise<boolean> {
  const known = await Promise.all(ports.map(({ client }) => brokersKnownTo(client)))
  return known.every((brokers) => brokers === ports.length)
}

async function brokersKnownTo(port: number): Promise<number> {
  fixThrottleTimer()
  const admin = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length
  } catch {
    return 0
  } finally {
    await admin.disconnect()
  }
}

const LOGGING = `appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=info
rootLogger.appenderRef.console.ref=console
`
