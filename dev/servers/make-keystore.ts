import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Java } from './find-java.ts'
import type { KafkaSecrets } from './kafka-secrets.ts'
import { runProgram } from './run-program.ts'

const VALID_DAYS = '3650'

/**
 * Creates the keystore with a certificate for 127.0.0.1 and the file of the CA that signed it, unless they exist. The CA's
 * key is discarded. Takes seconds: `keytool` is a Java program, started four times.
 */
export async function makeKeystore(secrets: KafkaSecrets, java: Java): Promise<void> {
  const { keystore, ca, password } = secrets
  if (existsSync(keystore)) return
  const unfinished = `${keystore}.unfinished`
  rmSync(unfinished, { force: true })
  const store = ['-keystore', unfinished, '-storetype', 'PKCS12', '-storepass', password]
  const keytool = join(dirname(java.program), 'keytool')
  const run = (...args: string[]) => runProgram(keytool, [...args, ...store])

  const pair = ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', VALID_DAYS]
  await run(...pair, '-alias', 'ca', '-dname', 'CN=Freshet test authority', '-ext', 'bc:c')
  const names = 'san=ip:127.0.0.1,dns:localhost'
  await run(...pair, '-alias', 'broker', '-dname', 'CN=127.0.0.1', '-signer', 'ca', '-ext', names)
  await run('-exportcert', '-rfc', '-alias', 'ca', '-file', ca)
  await run('-delete', '-alias', 'ca')
  renameSync(unfinished, keystore)
}
