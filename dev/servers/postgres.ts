import { globSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { DATABASE, postgresFolder, USER } from './postgres-folder.ts'
import { versionOf } from './run-program.ts'
import { ServerMissing, type ServerRecipe } from './server-recipe.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

const PROBE_TIMEOUT_MS = 2_000

/** PostgreSQL from the system's packages, with a generated password. */
export const POSTGRES: ServerRecipe = {
  title: 'PostgreSQL',
  usualPorts: () => [{ client: 5432 }],
  // PostgreSQL's fast shutdown: SIGTERM would wait for all clients to disconnect.
  stopSignal: 'SIGINT',

  async prepare({ folder, ports, report }) {
    const { programs, version } = await found()
    const user = unprivilegedUser()
    const link = await postgresFolder({ folder, programs, version, user, report })
    const home = realpathSync(link)
    const password = readFileSync(join(home, 'password'), 'utf8')
    const port = ports[0]?.client
    const url = `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`
    const settings = [
      '--listen_addresses=127.0.0.1',
      `--port=${port}`,
      '--unix_socket_directories=',
    ]
    return {
      version: `PostgreSQL ${version}`,
      url,
      commands: [
        {
          program: join(programs, 'postgres'),
          args: ['-D', join(home, 'data'), ...settings],
          cwd: home,
          ...(user === undefined ? {} : { user }),
        },
      ],
      isReady: () => answers(url),
    }
  },
}

/** Debian installs the programs outside PATH, one folder per major version; the newest is taken. */
async function found(): Promise<{ programs: string; version: string }> {
  const folders = globSync('/usr/lib/postgresql/*/bin').toSorted(
    (a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]),
  )
  for (const programs of ['', ...folders]) {
    const output = await versionOf(join(programs, 'postgres'))
    const [, version] = /\(PostgreSQL\) (\S+)/.exec(output ?? '') ?? []
    if (version !== undefined) return { programs, version }
  }
  throw new ServerMissing('there is no PostgreSQL server: `apt-get install postgresql`')
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PROBE_TIMEOUT_MS })
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end()
  }
}
