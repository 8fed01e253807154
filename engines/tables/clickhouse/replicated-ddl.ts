import { bareSql } from '../sql-text.ts'

/** The path of a table's replicas in the keeper; the server fills in its macros. */
const REPLICA = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"

/** How long the keeper remembers tokens: as long as a batch may be in doubt. */
const TOKEN_SECONDS = 7 * 24 * 3600

const TARGET =
  /^\s*(?:(?:CREATE(?:\s+OR\s+REPLACE)?|DROP|ALTER|TRUNCATE|RENAME)\s+(?:DATABASE|TABLE|VIEW|MATERIALIZED\s+VIEW)|OPTIMIZE\s+TABLE)(?:\s+IF\s+(?:NOT\s+)?EXISTS)?(?=\s)/i
const NAME = /^\s+(?:`[^`]+`|\w+)(?:\.(?:`[^`]+`|\w+))?/
const ENGINE = /\bENGINE\s*=\s*(?!Replicated)(\w*MergeTree)\b(\s*\(\s*\)|\s*\()?/gi
const WINDOW = /\bnon_replicated_deduplication_window\s*=\s*\d+/gi

/**
 * The statement of one server as the statement for all servers of a cluster that hold the same rows: run on each of
 * them (ON CLUSTER), with tables of the MergeTree family replicated. Other statements stay as they are.
 */
export function replicatedDdl(statement: string, cluster: string): string {
  const bare = bareSql(statement)
  const start = /^\s*/.exec(bare)?.[0].length ?? 0
  const target = TARGET.exec(bare)?.[0]
  if (target === undefined) return statement
  const named = target.length + (NAME.exec(statement.slice(target.length))?.[0].length ?? 0)
  const head = `${statement.slice(start, named)} ON CLUSTER ${cluster}`
  return head + replicated(statement.slice(named), bare.slice(named))
}

/** Replaces in SQL, not in what is quoted. */
function replicated(text: string, bare: string): string {
  const edits = [
    ...[...bare.matchAll(ENGINE)].map((match) => ({ match, by: engine(match) })),
    ...[...bare.matchAll(WINDOW)].map((match) => ({ match, by: window(match[0]) })),
  ].toSorted((a, b) => a.match.index - b.match.index)
  let result = ''
  let end = 0
  for (const { match, by } of edits) {
    result += text.slice(end, match.index) + by
    end = match.index + match[0].length
  }
  return result + text.slice(end)
}

function engine([, name = '', parenthesis = '']: RegExpExecArray): string {
  const open = `ENGINE = Replicated${name}(${REPLICA}`
  return parenthesis.trim() === '(' ? `${open}, ` : `${open})`
}

function window(setting: string): string {
  const replicatedWindow = setting.replace(/^non_/i, '')
  return `${replicatedWindow}, replicated_deduplication_window_seconds = ${TOKEN_SECONDS}`
}
