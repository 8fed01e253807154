import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The cluster's identity, login and certificates, generated once per folder. */
export interface KafkaSecrets {
  readonly clusterId: string
  /** User of the secure listener. */
  readonly user: string
  /** Password of the user and of the keystore. */
  readonly password: string
  /** PKCS 12 file with the brokers' key and certificate. */
  readonly keystore: string
  /** PEM file with the CA certificate that clients trust. */
  readonly ca: string
}

/** The secrets in this folder, generated if there are none; `makeKeystore` creates the two files. */
export function kafkaSecrets(folder: string): KafkaSecrets {
  const own = join(folder, 'secrets')
  const file = join(own, 'secrets.json')
  if (!existsSync(file)) {
    mkdirSync(own, { recursive: true, mode: 0o700 })
    const password = randomBytes(16).toString('hex')
    const made = { clusterId: randomClusterId(), user: 'freshet', password }
    writeFileSync(`${file}.new`, JSON.stringify(made))
    renameSync(`${file}.new`, file)
  }
  type Made = Pick<KafkaSecrets, 'clusterId' | 'user' | 'password'>
  const { clusterId, user, password } = JSON.parse(readFileSync(file, 'utf8')) as Made
  const [keystore, ca] = [join(own, 'keystore.p12'), join(own, 'ca.pem')]
  return { clusterId, user, password, keystore, ca }
}

/** 16 bytes in base64url, as Kafka requires; must not begin with a dash. */
function randomClusterId(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8(bytes.readUInt8() & 0x7f)
  return bytes.toString('base64url')
}
