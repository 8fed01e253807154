import { createPointTable } from '#engines/vectors/embedded/point-table.ts'
import type { StoreFile } from '#engines/vectors/embedded/store-file.ts'
import type { CollectionSpec } from '#engines/vectors/port.ts'

interface CatalogueEntry {
  readonly name: string
  /** Names the table of its points. */
  readonly number: number
  readonly spec: CollectionSpec
}

/** The collections and aliases in the file. Writes are on the disk when they return. */
export class CollectionCatalogue {
  readonly #file: StoreFile

  constructor(file: StoreFile) {
    this.#file = file
  }

  collections(): readonly CatalogueEntry[] {
    const rows = this.#file.guarded(() =>
      this.#file.prepare('SELECT name, number, spec FROM collections').all(),
    ) as { name: string; number: number; spec: string }[]
    return rows.map(({ name, number, spec }) => ({ name, number, spec: this.#specOf(name, spec) }))
  }

  create(name: string, spec: CollectionSpec): CatalogueEntry {
    const number = this.#file.transaction(() => {
      const { lastInsertRowid } = this.#file
        .prepare('INSERT INTO collections (name, spec) VALUES (?, ?)')
        .run(name, JSON.stringify(spec))
      createPointTable(this.#file, Number(lastInsertRowid), spec.vectors)
      return Number(lastInsertRowid)
    })
    return { name, number, spec }
  }

  /** Deletes the collection with its points. */
  drop({ name, number }: Pick<CatalogueEntry, 'name' | 'number'>): void {
    this.#file.transaction(() => {
      this.#file.prepare('DELETE FROM collections WHERE name = ?').run(name)
      this.#file.prepare(`DROP TABLE points_${number}`).run()
    })
  }

  /** Stores a spec with the same vectors and other indexes. */
  changeSpec(name: string, spec: CollectionSpec): void {
    this.#file.transaction(() =>
      this.#file
        .prepare('UPDATE collections SET spec = ? WHERE name = ?')
        .run(JSON.stringify(spec), name),
    )
  }

  aliases(): readonly { readonly alias: string; readonly collection: string }[] {
    return this.#file.guarded(() =>
      this.#file.prepare('SELECT alias, collection FROM aliases').all(),
    ) as { alias: string; collection: string }[]
  }

  setAlias(alias: string, collection: string): void {
    this.#file.transaction(() =>
      this.#file
        .prepare('INSERT OR REPLACE INTO aliases (alias, collection) VALUES (?, ?)')
        .run(alias, collection),
    )
  }

  #specOf(name: string, json: string): CollectionSpec {
    try {
      return JSON.parse(json) as CollectionSpec
    } catch (error) {
      throw this.#file.damaged(`the spec of collection ${name} is not JSON`, error)
    }
  }
}
