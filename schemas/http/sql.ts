import { z } from 'zod'

export const SqlRequest = z.object({
  query: z
    .string()
    .min(1)
    .describe('One statement that cannot write: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN, EXISTS.'),
  format: z
    .string()
    .regex(/^[A-Za-z]\w*$/)
    .default('JSONEachRow')
    .describe('A ClickHouse output format: JSONEachRow, CSVWithNames, PrettyCompact, …'),
})
