import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { absolute, readJson, readText, repositoryFiles } from '../tidy/repository.ts'
import { dockerIgnore } from './docker-ignore.ts'

/** The images that the Dockerfile builds, each with the lists of what it removes from the packages. */
export const IMAGES = {
  cluster: ['in-no-image', 'not-on-amd64', 'not-in-cluster'],
  embedded: ['in-no-image', 'not-on-amd64'],
} as const
export type ImageName = keyof typeof IMAGES

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>
}

/** What one of the lists of deploy/image removes. */
export function removals(list: string): readonly string[] {
  return readText(`deploy/image/${list}.txt`).trim().split('\n')
}

/** The files of the repository in both images: what .dockerignore lets in. */
export function programFiles(): readonly string[] {
  const isIgnored = dockerIgnore(readText('.dockerignore'))
  return repositoryFiles().filter((path) => !isIgnored(path))
}

/** The files of packages in an image: what is installed, less what its lists remove. */
export function packageFiles(image: ImageName): readonly string[] {
  const removed = IMAGES[image].flatMap(removals)
  return installedFiles().filter(
    (path) => !removed.some((one) => path === one || path.startsWith(`${one}/`)),
  )
}

/** What `npm ci --omit=dev` installs on this platform. */
export function installedFiles(): readonly string[] {
  const { packages } = readJson('package-lock.json') as Lock
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true && existsSync(absolute(path)))
    .flatMap(([path]) => filesBelow(path))
}

export function bytesOf(files: readonly string[]): number {
  return files.reduce((sum, path) => sum + statSync(absolute(path)).size, 0)
}

/** Of one package, without those that it brings below itself: they are in the lock file by themselves. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(absolute(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}
