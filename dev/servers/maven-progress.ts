const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }

/** Sums up the downloaded bytes in Maven's output. */
export class MavenProgress {
  #finished = 0
  #underWay = 0
  #rest = ''

  /** @param output the next chunk of standard output, not necessarily whole lines */
  read(output: string): void {
    const lines = (this.#rest + output).split(/[\r\n]+/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#readLine(line)
  }

  get bytes(): number {
    return this.#finished + this.#underWay
  }

  /** `Downloaded from central: URL (6.3 MB at 2.1 MB/s)`, or `Progress (2): 0.1/6.3 MB | 5.9 kB`. */
  #readLine(line: string): void {
    const [, size, unit] = /^Downloaded from .*\(([\d.]+) (\w+) at /.exec(line) ?? []
    if (size !== undefined) {
      this.#finished += Number(size) * (BYTES[unit ?? ''] ?? 0)
      this.#underWay = 0
    } else if (line.startsWith('Progress (')) {
      const parts = [...line.matchAll(/([\d.]+)(?:\/[\d.]+)? ([kMG]?B)/g)]
      this.#underWay = parts.reduce(
        (sum, [, done, partUnit]) => sum + Number(done) * (BYTES[partUnit ?? ''] ?? 0),
        0,
      )
    }
  }
}
