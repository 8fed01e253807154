import { z } from 'zod'

const FORMAT_ERROR = 'format must be the name of a ClickHouse output format'

export const SqlRequest = z.object({
  query: z
    .string({ error: 'query must be a statement, as a string' })
    .min(1, { error: 'query must not be empty' })
    .describe('One statement that cannot write: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN, EXISTS.'),
  format: z
    .string({ error: FORMAT_ERROR })
    .regex(/^[A-Za-z]\w*$/, { error: FORMAT_ERROR })
    .default('JSONEachRow')
    .describe('A ClickHouse output format: JSONEachRow, CSVWithNames, PrettyCompact, …'),
})
