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
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly hasInstallScript?: boolean
}

/** What is wrong with package.json and its lock file, one sentence each. */
export function packageViolations(manifest: Manifest, lock: Lock): readonly string[] {
  return [
    ...looseVersions(manifest),
    ...staleLock(manifest, lock),
    ...Object.entries(lock.packages).flatMap(([path, locked]) => [
      ...lockedToHost(path, locked),
      ...missingPlatforms(path, locked, lock),
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

function lockedToHost(path: string, { resolved }: LockedPackage): string[] {
  return resolved === undefined ? [] : [`${path} is locked to one host: ${resolved}`]
}

/** npm drops the packages of other platforms when a registry does not show them, and `npm ci` then fails there. */
function missingPlatforms(path: string, { optionalDependencies }: LockedPackage, lock: Lock) {
  return Object.keys(optionalDependencies ?? {})
    .filter((name) => lock.packages[`node_modules/${name}`] === undefined)
    .map((name) => `${name}, which ${path} wants on its platform, is missing from the lock file`)
}

function unnamedScript(path: string, locked: LockedPackage, manifest: Manifest): string[] {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const isNamed = Object.hasOwn(manifest.allowScripts ?? {}, name)
  if (locked.hasInstallScript !== true || isNamed) return []
  return [`${name} has an install script that allowScripts does not name`]
}
