import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'
import type { Report } from './server-recipe.ts'
import { mayEnter, type SystemUser } from './unprivileged-user.ts'

export const USER = 'freshet'
export const DATABASE = 'freshet'

export interface PostgresSetting {
  /** The server's folder. */
  readonly folder: string
  /** Where `initdb` and `postgres` are. */
  readonly programs: string
  readonly version: string
  /** The user that runs it, if not the current one. */
  readonly user: SystemUser | undefined
  readonly report: Report
}

/**
 * The folder with `data` and `password` of this major version, created if there is none. Where the server's user has no
 * access to our folder it is a link to a temporary folder.
 */
export async function postgresFolder(setting: PostgresSetting): Promise<string> {
  const { folder, version, user } = setting
  const link = join(folder, `cluster-${version.split('.')[0]}`)
  if (existsSync(link)) return link
  const isOurs = user === undefined || mayEnter(folder, user)
  const home = isOurs ? `${link}.unfinished` : mkdtempSync(join(tmpdir(), 'freshet-postgres-'))
  if (isOurs) {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
  }
  if (user !== undefined) chownSync(home, user.uid, user.gid)
  setting.report('creates its data folder')
  await makeCluster(home, setting)
  rmSync(link, { force: true })
  if (isOurs) renameSync(home, link)
  else symlinkSync(home, link)
  return link
}

async function makeCluster(home: string, { programs, user }: PostgresSetting): Promise<void> {
  const password = join(home, 'password')
  writeFileSync(password, randomBytes(16).toString('hex'), { mode: 0o600 })
  if (user !== undefined) chownSync(password, user.uid, user.gid)
  const data = join(home, 'data')
  const options = { cwd: home, ...user }
  const login = ['--auth=scram-sha-256', '-U', USER, '--pwfile', password]
  const initdb = join(programs, 'initdb')
  await runProgram(initdb, ['-D', data, '-E', 'UTF8', '--locale=C', ...login], options)
  const statement = `CREATE DATABASE ${DATABASE}\n`
  await runProgram(join(programs, 'postgres'), ['--single', '-D', data, 'postgres'], {
    ...options,
    input: statement,
  })
}
