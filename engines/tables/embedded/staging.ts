import { mkdirSync, rmSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { quote } from '../literals.ts'

/**
 * Hands binary rows to the engine in a file that lives as long as the insert. Inline data would save the file, but chDB
 * ends it at the first empty line and takes what follows for the next statement, so only text can travel that way, and
 * text parses three times slower.
 */
export class Staging {
  readonly #folder: string
  #next = 0

  constructor(folder: string) {
    this.#folder = resolve(folder, 'staging')
    // What a crash left behind was never acknowledged.
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder)
  }

  /** Calls `use` with the table function that reads the rows. */
  async with<T>(rows: Buffer, structure: string, use: (source: string) => Promise<T>): Promise<T> {
    this.#next += 1
    const path = join(this.#folder, `${this.#next}.bin`)
    try {
      await writeFile(path, rows)
      return await use(`file(${quote(path)}, 'RowBinary', ${quote(structure)})`)
    } finally {
      await rm(path, { force: true })
    }
  }
}
