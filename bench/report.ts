import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** Every figure of a result beside the one of the stored baseline, a line each. */
export async function report(measured: object, baselineFile: URL): Promise<string[]> {
  const text = await readFile(baselineFile, 'utf8').catch(() => '{}')
  const baseline = figures(z.record(z.string(), z.unknown()).parse(JSON.parse(text)))
  return [...figures(measured)].map(([name, value]) => {
    const before = baseline.get(name)
    const change = before ? `  baseline ${before}, ratio ${(value / before).toFixed(2)}` : ''
    return `${name.padEnd(52)} ${String(value).padStart(10)}${change}`
  })
}

/** All numbers of a nested result, by dotted path. */
function figures(value: object, prefix = ''): Map<string, number> {
  const found = new Map<string, number>()
  for (const [key, child] of Object.entries<unknown>(value as Record<string, unknown>)) {
    const name = prefix + key
    if (typeof child === 'number') found.set(name, child)
    else if (typeof child === 'object' && child !== null) {
      for (const [path, number] of figures(child, `${name}.`)) found.set(path, number)
    }
  }
  return found
}
