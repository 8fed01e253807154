import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What makes a Kafka of ours: made once for a folder. */
export interface KafkaSecrets {
  readonly clusterId: string
  /** Of the secure listener. */
  readonly user: string
  /** Of the user, and of the keystore. */
  readonly password: string
  /** With the brokers' key and certificate, PKCS 12. */
  readonly keystore: string
  /** The certificate that signed the brokers', PEM: what clients trust. */
  readonly ca: string
}

/** Those of this folder, made if there are none; the two files are made by `makeKeystore`. */
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

/** 16 bytes in base64url, as Kafka wants it; it must not look like an option. */
function randomClusterId(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8(bytes.readUInt8() & 0x7f)
  return bytes.toString('base64url')
}
