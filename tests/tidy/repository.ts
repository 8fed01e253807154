import { readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** A file of the repository: its path from the root and its text. */
export interface SourceFile {
  readonly path: string
  readonly source: string
}

const ignored = readText('.gitignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replace(/^\/|\/$/g, ''))

/**
 * The paths of all files that belong to the repository. Read from the disk, so that a file is checked before it is
 * committed, and an export without `.git` is checked too.
 */
export function repositoryFiles(folder = ROOT): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== '.git' && !ignored.some((glob) => matchesGlob(name, glob)))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return repositoryFiles(path)
      return entry.isFile() ? [relative(ROOT, path)] : []
    })
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export function readJson(path: string): unknown {
  return JSON.parse(readText(path))
}

/** Every TypeScript file of the repository. */
export function typeScriptFiles(): readonly SourceFile[] {
  return repositoryFiles()
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, source: readText(path) }))
}

/** The absolute path of a file of the repository. */
export function absolute(path: string): string {
  return join(ROOT, path)
}
