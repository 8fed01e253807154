import { z } from 'zod'

// Strict schemas of what the stand-in supports: everything else is refused.

const vector = z.array(z.number())
/** An unsigned integer or a UUID, as text. */
const pointId = z.union([
  z.int().nonnegative().transform(String),
  z.guid('is not a valid point ID: neither an unsigned integer nor a UUID').toLowerCase(),
])
const scalar = z.union([z.string(), z.number(), z.boolean()])

const rangeCondition = z.strictObject({
  key: z.string(),
  range: z.strictObject({
    gt: z.number().optional(),
    gte: z.number().optional(),
    lt: z.number().optional(),
    lte: z.number().optional(),
  }),
})
export type RangeCondition = z.infer<typeof rangeCondition>
const fieldCondition = z.union([
  rangeCondition,
  z.strictObject({ key: z.string(), match: z.strictObject({ value: scalar }) }),
  z.strictObject({ key: z.string(), match: z.strictObject({ any: z.array(z.string()) }) }),
])
const hasId = z.strictObject({ has_id: z.array(pointId) })

export type QdrantCondition = z.infer<typeof fieldCondition> | z.infer<typeof hasId> | QdrantFilter
export interface QdrantFilter {
  readonly must?: readonly QdrantCondition[] | undefined
  readonly must_not?: readonly QdrantCondition[] | undefined
  readonly should?: readonly QdrantCondition[] | undefined
}

export const filter: z.ZodType<QdrantFilter> = z.lazy(() =>
  z.strictObject({
    must: z.array(condition).optional(),
    must_not: z.array(condition).optional(),
    should: z.array(condition).optional(),
  }),
)
const condition: z.ZodType<QdrantCondition> = z.union([fieldCondition, hasId, filter])

export const createCollection = z.strictObject({
  vectors: z.record(
    z.string(),
    z.strictObject({ size: z.int().positive(), distance: z.enum(['Cosine', 'Dot']) }),
  ),
  optimizers_config: z
    .strictObject({ indexing_threshold: z.int().nonnegative().optional() })
    .optional(),
})
export type CreateCollection = z.infer<typeof createCollection>

const indexKind = z.enum(['keyword', 'integer', 'float', 'bool'])
export const createFieldIndex = z.strictObject({
  field_name: z.string(),
  field_schema: z.union([
    indexKind,
    z
      .strictObject({
        type: indexKind,
        lookup: z.boolean().optional(),
        range: z.boolean().optional(),
      })
      .transform(({ type }) => type),
  ]),
})
export type CreateFieldIndex = z.infer<typeof createFieldIndex>

const aliasAction = z.union([
  z.strictObject({
    create_alias: z.strictObject({ alias_name: z.string(), collection_name: z.string() }),
  }),
  z.strictObject({ delete_alias: z.strictObject({ alias_name: z.string() }) }),
])
export type AliasAction = z.infer<typeof aliasAction>
export const changeAliases = z.strictObject({ actions: z.array(aliasAction) })

export const upsertPoints = z.strictObject({
  points: z.array(
    z.strictObject({
      id: pointId,
      vector: z.record(z.string(), vector),
      payload: z.record(z.string(), z.json()).nullish(),
    }),
  ),
  update_filter: filter.nullish(),
})
export type UpsertPoints = z.infer<typeof upsertPoints>

export const getPoints = z.strictObject({
  ids: z.array(pointId),
  with_payload: z.boolean().default(true),
  with_vector: z.boolean().default(false),
})
export const deletePoints = z.union([
  z.strictObject({ points: z.array(pointId) }),
  z.strictObject({ filter }),
])
export const countPoints = z.strictObject({
  filter: filter.optional(),
  exact: z.boolean().default(true),
})
export const queryBatch = z.strictObject({
  searches: z.array(
    z.strictObject({
      query: vector,
      using: z.string(),
      limit: z.int().default(10),
      filter: filter.optional(),
      with_payload: z.boolean().default(false),
    }),
  ),
})
