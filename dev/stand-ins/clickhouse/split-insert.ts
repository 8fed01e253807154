import { bareSql } from '#engines/tables/sql-text.ts'

/** An INSERT whose rows follow its FORMAT clause. */
export interface InsertOfData {
  /** The statement that inserts the same rows from a file. */
  readonly fromFile: (path: string) => string
  readonly data: Buffer
}

/** Max length of an INSERT without its rows. */
const HEAD_BYTES_MAX = 65_536

const INSERT =
  /^\s*INSERT\s(?:(?!\b(?:SELECT|VALUES|WITH|WATCH)\b)[\s\S])*?\bFORMAT\s+(\w+)[ \t\f]*;?[ \t\f]*(?:\r?\n|$)?/i

/** Splits like ClickHouse: the statement up to FORMAT and its name, at most one newline, then the rows. */
export function splitInsert(text: Buffer): InsertOfData | undefined {
  // One character per byte, so that offsets in the text are offsets in the buffer.
  const head = text.subarray(0, HEAD_BYTES_MAX).toString('latin1')
  if (!/^\s*(?:INSERT\b|--|#|\/\*)/i.test(head)) return undefined
  const bare = bareSql(head)
  const match = INSERT.exec(bare)
  if (match === null) return undefined
  const [whole, format = ''] = match
  const settingsAt = bare.slice(0, whole.length).search(/\bSETTINGS\b/i)
  const formatAt = whole.search(/\bFORMAT\s+\w+[ \t\f]*;?[ \t\f]*(?:\r?\n)?$/i)
  const target = text.toString('utf8', 0, settingsAt < 0 ? formatAt : settingsAt)
  const settings = settingsAt < 0 ? '' : text.toString('utf8', settingsAt, formatAt)
  return {
    fromFile: (path) => `${target} FROM INFILE ${path} ${settings} FORMAT ${format}`,
    data: text.subarray(whole.length),
  }
}
