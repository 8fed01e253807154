import { globSync } from 'node:fs'
import { join } from 'node:path'
import { versionOf } from './run-program.ts'
import { ServerMissing } from './server-recipe.ts'

export interface Java {
  readonly program: string
  /** 17 */
  readonly release: number
}

const PLACES = [
  '/usr/lib/jvm/*/bin/java',
  '/Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java',
]

/** Installed JDKs, JAVA_HOME first. */
export async function findJavas(javaHome = process.env['JAVA_HOME']): Promise<readonly Java[]> {
  const chosen = javaHome ? [join(javaHome, 'bin/java')] : []
  const programs = [...chosen, 'java', ...globSync(PLACES)]
  const found = programs.map(async (program) => {
    const release = releaseIn((await versionOf(program, '-version')) ?? '')
    return release === undefined ? [] : [{ program, release }]
  })
  return (await Promise.all(found)).flat()
}

/** @param output of `java -version`: `openjdk version "17.0.15" 2025-04-15`, or `"1.8.0_392"` before Java 9 */
export function releaseIn(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? []
  return first === undefined ? undefined : Number(first === '1' ? second : first)
}

/** The first JDK that is new enough. @throws ServerMissing */
export function chooseJava(javas: readonly Java[], releaseMin: number): Java {
  const java = javas.find(({ release }) => release >= releaseMin)
  if (java !== undefined) return java
  const newest = Math.max(...javas.map(({ release }) => release))
  const there = javas.length === 0 ? 'there is no Java' : `the newest Java here is ${newest}`
  throw new ServerMissing(
    `${there}, and ${releaseMin} or newer is needed: \`apt-get install default-jre-headless\`, or set JAVA_HOME`,
  )
}
