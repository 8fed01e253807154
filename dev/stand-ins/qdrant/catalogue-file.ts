import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '#engines/replace-file.ts'
import type { CollectionSpec } from '#engines/vectors/port.ts'

export interface StoredCollection extends CollectionSpec {
  /** Stored as given; the stand-in has no index. */
  readonly indexing_threshold: number | null
}

export interface Catalogue {
  readonly collections: Readonly<Record<string, StoredCollection>>
  /** Collections by alias. */
  readonly aliases: Readonly<Record<string, string>>
}

/** Collections and aliases, in a file that is replaced atomically. */
export class CatalogueFile {
  readonly #path: string
  #current: Catalogue

  private constructor(path: string, current: Catalogue) {
    this.#path = path
    this.#current = current
  }

  static async open(folder: string): Promise<CatalogueFile> {
    const path = join(folder, 'catalogue.json')
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    const empty: Catalogue = { collections: {}, aliases: {} }
    return new CatalogueFile(path, text === undefined ? empty : (JSON.parse(text) as Catalogue))
  }

  get current(): Catalogue {
    return this.#current
  }

  /** Durable when it resolves. */
  async replace(catalogue: Catalogue): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(catalogue, null, 2))
    this.#current = catalogue
  }
}
