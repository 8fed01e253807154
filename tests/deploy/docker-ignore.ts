/**
 * Whether a path of the repository stays out of the build's context, by the rules of .dockerignore: the last line that
 * matches the path or a folder above it decides, and `!` takes back in.
 */
export function dockerIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isTakenBack: line.startsWith('!'), regex: regexOf(line.replace(/^!/, '')) }))
  return (path) => {
    const parts = path.split('/')
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    const last = rules.findLast(({ regex }) => paths.some((one) => regex.test(one)))
    return last !== undefined && !last.isTakenBack
  }
}

/** As Go's filepath.Match, in which `*` matches a leading dot too, with `**` for any number of folders. */
function regexOf(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*|\?/g, (wildcard) => {
      if (wildcard === '**/') return '(?:.*/)?'
      return wildcard === '*' ? '[^/]*' : '[^/]'
    })
  return new RegExp(`^${source}$`)
}
