/** The rows of an answer in JSONEachRow, parsed in one go: a newline inside of a string is escaped. */
export function jsonRows<T>(jsonEachRow: string): T[] {
  return JSON.parse(`[${jsonEachRow.trimEnd().replaceAll('\n', ',')}]`) as T[]
}
