import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Java } from './find-java.ts'
import { runProgram } from './run-program.ts'

/** What makes a Kafka of ours: made once for a folder. */
export interface KafkaSecrets {
  readonly clusterId: string
  readonly user: string
  /** Of the user, and of the keystore. */
  readonly password: string
  /** With the brokers' key and certificate, PKCS 12. */
  readonly keystore: string
  /** The certificate that signed the brokers', PEM: what clients trust. */
  readonly ca: string
}

const VALID_DAYS = '3650'

/** Those of this folder, made if there are none. Takes three seconds then. */
export async function kafkaSecrets(folder: string, java: Java): Promise<KafkaSecrets> {
  const own = join(folder, 'secrets')
  const file = join(own, 'secrets.json')
  if (!existsSync(file)) await makeSecrets(own, java)
  const { clusterId, user, password } = JSON.parse(readFileSync(file, 'utf8')) as KafkaSecrets
  const [keystore, ca] = [join(own, 'keystore.p12'), join(own, 'ca.pem')]
  return { clusterId, user, password, keystore, ca }
}

async function makeSecrets(folder: string, java: Java): Promise<void> {
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  const password = randomBytes(16).toString('hex')
  await makeKeystore(unfinished, password, join(dirname(java.program), 'keytool'))
  const secrets = { clusterId: randomClusterId(), user: 'freshet', password }
  writeFileSync(join(unfinished, 'secrets.json'), JSON.stringify(secrets))
  renameSync(unfinished, folder)
}

/** A certificate authority, and a certificate of 127.0.0.1 that it signed; its own key is thrown away. */
async function makeKeystore(folder: string, password: string, keytool: string): Promise<void> {
  const run = (...args: string[]) =>
    runProgram(keytool, [
      ...args,
      '-keystore',
      join(folder, 'keystore.p12'),
      '-storetype',
      'PKCS12',
      '-storepass',
      password,
    ])
  const pair = ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', VALID_DAYS]
  await run(...pair, '-alias', 'ca', '-dname', 'CN=Freshet test authority', '-ext', 'bc:c')
  const names = 'san=ip:127.0.0.1,dns:localhost'
  await run(...pair, '-alias', 'broker', '-dname', 'CN=127.0.0.1', '-signer', 'ca', '-ext', names)
  await run('-exportcert', '-rfc', '-alias', 'ca', '-file', join(folder, 'ca.pem'))
  await run('-delete', '-alias', 'ca')
}

/** 16 bytes in base64url, as Kafka wants it; it must not look like an option. */
function randomClusterId(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8(bytes.readUInt8() & 0x7f)
  return bytes.toString('base64url')
}
