import { globSync } from 'node:fs'
import { join } from 'node:path'
import { COMPATIBILITY } from '#schemas/incompatibility.ts'
import { type Download, download } from './download.ts'
import { chooseJava, findJavas } from './find-java.ts'
import type { ServerRecipe } from './server-recipe.ts'

/** A version of Apicurio and what it needs. */
interface Edition {
  readonly version: string
  readonly javaReleaseMin: number
  readonly bytes: number
  /** The jar to start, inside the archive. */
  readonly jar: string
  /** The property with the database URL; without it schemas are in memory. */
  readonly database: string
}

/** The newest first. */
const EDITIONS: readonly [Edition, Edition] = [
  {
    version: '3.3.3',
    javaReleaseMin: 21,
    bytes: 159e6,
    jar: 'quarkus-run.jar',
    database: 'apicurio.datasource.url',
  },
  {
    version: '2.6.13.Final',
    javaReleaseMin: 17,
    bytes: 142e6,
    jar: '*-runner.jar',
    database: 'REGISTRY_DATASOURCE_URL',
  },
]

const HEAP = '256m'
const PROBE_TIMEOUT_MS = 2_000

/** Apicurio with the API of Confluent's schema registry; schemas and their ids are kept in a file. */
export const REGISTRY: ServerRecipe = {
  title: 'Schema registry',
  usualPorts: () => [{ client: 8085, management: 9085 }],

  async prepare({ folder, programs, ports, report }) {
    const javas = await findJavas()
    const edition = editionFor(javas.map(({ release }) => release))
    const java = chooseJava(javas, edition.javaReleaseMin)
    const home = await download(downloadOf(edition), { programs, report })
    const [jar = edition.jar] = globSync(join(home, edition.jar))
    const [client, management] = [ports[0]?.client, ports[0]?.['management']]
    const url = `http://127.0.0.1:${client}/apis/ccompat/v7`
    const properties = {
      'quarkus.http.host': '127.0.0.1',
      'quarkus.http.port': client,
      'quarkus.management.host': '127.0.0.1',
      'quarkus.management.port': management,
      [edition.database]: `jdbc:h2:file:${join(folder, `schemas-${edition.version}`)}`,
    }
    const args = [
      `-Xmx${HEAP}`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
      '-jar',
      jar,
    ]
    return {
      version: `Apicurio ${edition.version}`,
      url,
      commands: [{ program: java.program, args, cwd: folder }],
      isReady: () => takesRule(url),
    }
  },
}

/** The newest edition that an installed JDK can run; the oldest without any. */
export function editionFor(releases: readonly number[]): Edition {
  const [newest, oldest] = EDITIONS
  return releases.some((release) => release >= newest.javaReleaseMin) ? newest : oldest
}

function downloadOf({ version, bytes }: Edition): Download {
  return {
    name: `apicurio-registry-${version}`,
    bytes,
    artifacts: [`io.apicurio:apicurio-registry-app:${version}:tar.gz:all`],
  }
}

/** Ready once it has accepted the compatibility rule. */
async function takesRule(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${url}/config`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      // Set at every start: Apicurio's default is no compatibility check.
      body: JSON.stringify({ compatibility: COMPATIBILITY }),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    })
    return ok
  } catch {
    return false
  }
}
