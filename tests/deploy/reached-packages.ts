import { existsSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { importsOf } from '../tidy/imports-of.ts'
import { absolute, readText } from '../tidy/repository.ts'

/**
 * The packages that a file imports, itself or through files of ours that `isFollowed` lets through; lazily too, and as
 * a type too, which at run time is less.
 */
export function reachedPackages(
  entry: string,
  isFollowed: (path: string) => boolean,
): readonly string[] {
  const packages = new Set<string>()
  const seen = new Set([entry])
  const waiting = [entry]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const imported of importsOf({ path, source: readText(path) })) {
      if (imported.kind === 'package') packages.add(imported.name)
      else if (follows(imported.path)) waiting.push(imported.path)
    }
  }
  return [...packages].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))

  function follows(path: string): boolean {
    const isOurs = path.endsWith('.ts') && existsSync(absolute(path)) && isFollowed(path)
    return isOurs && !seen.has(path) && seen.add(path) !== undefined
  }
}
