/** Quoted text and comments of ClickHouse SQL: strings, identifiers, heredocs, `--`, `#` and block comments. */
const QUOTED =
  /'(?:\\[\s\S]|''|[^'\\])*'|"(?:\\[\s\S]|""|[^"\\])*"|`(?:\\[\s\S]|``|[^`\\])*`|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$(\w*)\$[\s\S]*?\$\1\$/g

/**
 * The same text with quoted parts and comments replaced by spaces: positions are those of the original, and a match is
 * really SQL.
 */
export function bareSql(sql: string): string {
  return sql.replace(QUOTED, (quoted) => quoted.replace(/[^\n]/g, ' '))
}

/** The statements of a script, in order: each ends with a `;` at the end of a line or with the text. */
export function statementsOf(script: string): readonly string[] {
  const bare = bareSql(script)
  const statements: string[] = []
  let start = 0
  for (const { index } of [...bare.matchAll(/;[ \t]*(?=\r?\n|$)/g), { index: bare.length }]) {
    if (bare.slice(start, index).trim() !== '') statements.push(script.slice(start, index).trim())
    start = index + 1
  }
  return statements
}
