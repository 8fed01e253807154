import { mkdirSync, rmSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Row, TableSpec } from '#schemas/tables.ts'
import { quote } from '../literals.ts'
import { RowEncoders } from '../row-formats.ts'

/**
 * Passes rows to the engine as RowBinary, in a temporary file. Inline data would save the file, but chDB ends it at the
 * first empty line and parses the rest as the next statement: only text formats could be used, which cost three times as
 * much.
 */
export class StagedInserts {
  readonly #folder: string
  readonly #encoders = new RowEncoders()
  #next = 0

  constructor(folder: string) {
    this.#folder = resolve(folder, 'staging')
    // Files that a crash left were never acknowledged.
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder)
  }

  /** Calls `run` with the statement that inserts the rows. @throws EngineError ENGINE_REFUSED for a value that does not fit */
  async stage<T extends TableSpec>(
    { table, rows, token }: { table: T; rows: readonly Row<T>[]; token: string | undefined },
    run: (statement: string) => Promise<unknown>,
  ): Promise<void> {
    const bytes = this.#encoders.encode(table, rows)
    this.#next += 1
    const path = join(this.#folder, `${this.#next}.bin`)
    try {
      await writeFile(path, bytes)
      await run(insertStatement(table, path, token))
    } finally {
      await rm(path, { force: true })
    }
  }
}

function insertStatement(table: TableSpec, path: string, token: string | undefined): string {
  const columns = Object.entries(table.columns).map(([name, type]) => ({
    name: `\`${name}\``,
    type,
  }))
  const names = columns.map(({ name }) => name).join(', ')
  const structure = columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  // Without a token the engine would take two equal batches for a repeat.
  const repeat =
    token === undefined
      ? 'insert_deduplicate = 0'
      : `insert_deduplicate = 1, insert_deduplication_token = ${quote(token)}`
  return `INSERT INTO ${table.name} (${names})
SETTINGS async_insert = 0, max_threads = 1, max_insert_threads = 1, ${repeat}
SELECT ${names} FROM file(${quote(path)}, 'RowBinary', ${quote(structure)})`
}
