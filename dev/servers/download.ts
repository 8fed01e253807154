import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { acquireLock } from './acquire-lock.ts'
import { MavenProgress } from './maven-progress.ts'
import { versionOf } from './run-program.ts'
import { ServerMissing, type ServerPlace } from './server-recipe.ts'

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1'

/** A server's artifacts on Maven Central. */
export interface Download {
  /** `kafka-4.4.0`; also the name of its folder. */
  readonly name: string
  readonly bytes: number
  /** `group:artifact:version`, downloaded with dependencies, or one `group:artifact:version:tar.gz:classifier` to unpack. */
  readonly artifacts: readonly [string, ...string[]]
}

/** The folder with the programs; downloads them once. @throws ServerMissing */
export async function download(
  wanted: Download,
  { programs, report }: Pick<ServerPlace, 'programs' | 'report'>,
): Promise<string> {
  const folder = join(programs, wanted.name)
  if (existsSync(folder)) return folder
  using _ = await acquireLock(`${folder}.lock`, () =>
    report(`waits for another download of ${wanted.name}`),
  )
  if (existsSync(folder)) return folder
  if ((await versionOf('mvn', '-v')) === undefined) {
    throw new ServerMissing('there is no Maven to download it with: `apt-get install maven`')
  }
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  await runMaven(wanted, { programs, report }, unfinished)
  rmSync(join(unfinished, 'pom.xml'), { force: true })
  renameSync(unfinished, folder)
  return folder
}

async function runMaven(
  { name, bytes, artifacts }: Download,
  { programs, report }: Pick<ServerPlace, 'programs' | 'report'>,
  target: string,
): Promise<void> {
  const log = join(programs, `${name}.maven.log`)
  const maven = spawn('mvn', ['-Dstyle.color=never', ...goalOf(artifacts, target)], {
    cwd: target,
    // Maven writes its errors to standard output.
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const progress = new MavenProgress()
  maven.stdout.pipe(createWriteStream(log))
  maven.stdout.setEncoding('utf8').on('data', (output: string) => {
    progress.read(output)
    report(`downloads ${name} from Maven Central`, { done: progress.bytes, total: bytes })
  })
  report(`downloads ${name} from Maven Central`, { done: 0, total: bytes })
  const [code] = (await once(maven, 'close')) as [number | null]
  if (code === 0) return
  throw new ServerMissing(
    `Maven could not download ${name}: see ${log}; a mirror can be named in ~/.m2/settings.xml`,
  )
}

function goalOf(artifacts: Download['artifacts'], target: string): readonly string[] {
  const [first] = artifacts
  if (first.split(':').length > 3) {
    return [`${PLUGIN}:unpack`, `-Dartifact=${first}`, `-DoutputDirectory=${target}`]
  }
  writeFileSync(join(target, 'pom.xml'), pomOf(artifacts))
  return [`${PLUGIN}:copy-dependencies`, `-DoutputDirectory=${target}`]
}

/** A project that depends on the artifacts: Maven has no command for several artifacts with dependencies. */
function pomOf(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [groupId, artifactId, version] = artifact.split(':')
    return `    <dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>freshet</groupId><artifactId>server</artifactId><version>1</version>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`
}
