import { isDeepStrictEqual } from 'node:util'

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage extends Manifest {
  readonly version?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
}

/** chDB's engine, one package for each platform. npm drops those that a registry cannot show it, and `npm ci` then fails there. */
const CHDB_PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-x64-gnu']

/** What is wrong with package.json and its lock file, one sentence each. */
export function packageViolations(manifest: Manifest, lock: Lock): readonly string[] {
  return [
    ...looseVersions(manifest),
    ...staleLock(manifest, lock),
    ...missingPlatforms(lock),
    ...Object.entries(lock.packages).flatMap(([path, locked]) => [
      ...(locked.resolved === undefined
        ? []
        : [`${path} is locked to one host: ${locked.resolved}`]),
      ...unnamedScript(path, locked, manifest),
    ]),
  ]
}

function looseVersions({ dependencies, devDependencies }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} is not pinned: ${version}`)
}

function staleLock({ dependencies, devDependencies }: Manifest, lock: Lock): string[] {
  const root = lock.packages['']
  const isFresh =
    isDeepStrictEqual(root?.dependencies, dependencies) &&
    isDeepStrictEqual(root?.devDependencies, devDependencies)
  return isFresh ? [] : ['the lock file was made of another package.json']
}

function missingPlatforms(lock: Lock): string[] {
  const versions = CHDB_PLATFORMS.map(
    (platform) => lock.packages[`node_modules/@chdb/lib-${platform}`]?.version,
  )
  return CHDB_PLATFORMS.filter((_, index) => versions[index] !== versions.at(-1))
    .map(
      (platform) => `@chdb/lib-${platform} is missing from the lock file, or has another version`,
    )
    .concat(versions.at(-1) === undefined ? ['@chdb/lib-linux-x64-gnu is missing'] : [])
}

function unnamedScript(path: string, locked: LockedPackage, manifest: Manifest): string[] {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const isNamed = Object.hasOwn(manifest.allowScripts ?? {}, name)
  return locked.hasInstallScript !== true || isNamed
    ? []
    : [`${name} has an install script that allowScripts does not name`]
}
