import { matchesGlob } from 'node:path'

/**
 * Whether a path of the repository stays out of the build's context, by the rules of .dockerignore: the last line that
 * matches the path or a folder above it decides, and `!` takes back in.
 */
export function dockerIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isTakenBack: line.startsWith('!'), glob: line.replace(/^!/, '') }))
  return (path) => {
    const parts = path.split('/')
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    const last = rules.findLast(({ glob }) => paths.some((one) => matchesGlob(one, glob)))
    return last !== undefined && !last.isTakenBack
  }
}
