import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { EngineError, refused } from '../errors.ts'
import type { Migration, Tables } from './port.ts'
import { bareSql, statementsOf } from './sql-text.ts'

/** Reads the numbered SQL files of a folder, in order. */
export async function loadMigrations(folder: URL): Promise<readonly Migration[]> {
  const files = (await readdir(folder))
    .filter((file) => /^\d{3}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
  const base = folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`)
  return Promise.all(
    files.map(async (file) => ({
      name: file.slice(0, -'.sql'.length),
      sql: await readFile(new URL(file, base), 'utf8'),
    })),
  )
}

const CREATE_LEDGER = `CREATE TABLE IF NOT EXISTS migrations (name String, checksum String, applied_at DateTime64(3, 'UTC'))
ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`

/**
 * Applies what the table `migrations` does not list yet. A crash may come between a statement and its entry there, so
 * every statement must be repeatable: IF NOT EXISTS, IF EXISTS, OR REPLACE, MODIFY.
 * @throws EngineError ENGINE_REFUSED when the text of an applied one changed, or a statement could not be repeated
 */
export async function applyMigrations(
  tables: Pick<Tables, 'query' | 'command'>,
  migrations: readonly Migration[],
): Promise<void> {
  for (const migration of migrations) assertRepeatable(migration)
  await tables.command(CREATE_LEDGER)
  const applied = await appliedChecksums(tables)
  for (const { name, sql } of migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const checksum = createHash('sha256').update(sql).digest('hex')
    const known = applied.get(name)
    if (known === checksum) continue
    if (known !== undefined) {
      throw refused(
        `migration ${name} was applied with another text: undo the change and add a new migration`,
      )
    }
    for (const statement of statementsOf(sql)) await tables.command(statement)
    await tables.command(
      `INSERT INTO migrations SELECT {name:String}, {checksum:String}, now64(3, 'UTC')`,
      { parameters: { name, checksum } },
    )
  }
}

/** The migrations not applied yet. */
export async function pendingMigrations(
  tables: Pick<Tables, 'query'>,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const [ledger] = await tables
    .query<{ result: number }>('EXISTS TABLE migrations')
    .catch(noneWithoutDatabase)
  if (ledger?.result !== 1) return migrations
  const applied = await appliedChecksums(tables)
  return migrations.filter(({ name }) => !applied.has(name))
}

/** Before the first migration there may be no database either. */
function noneWithoutDatabase(error: unknown): [] {
  if (error instanceof EngineError && error.message.includes('(UNKNOWN_DATABASE)')) return []
  throw error
}

async function appliedChecksums(tables: Pick<Tables, 'query'>): Promise<Map<string, string>> {
  const rows = await tables.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM migrations FINAL',
  )
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

function assertRepeatable({ name, sql }: Migration): void {
  for (const statement of statementsOf(sql)) {
    if (!/\b(IF\s+(NOT\s+)?EXISTS|OR\s+REPLACE|MODIFY)\b/i.test(bareSql(statement))) {
      const start = statement.slice(0, 60).replace(/\s+/g, ' ')
      throw refused(
        `migration ${name} cannot be repeated after a crash, write IF NOT EXISTS: ${start}`,
      )
    }
  }
}
