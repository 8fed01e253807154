import { z } from 'zod'

export const LIST_LIMIT_DEFAULT = 10
export const LIST_LIMIT_MAX = 100
/** As long as the events' own ids may be. */
export const ID_LENGTH_MAX = 128
export const EXCLUDED_MAX = 200

/** A whole number in a query string: decimal digits and nothing else. */
function wholeNumber({ error, ...limits }: { minimum: number; maximum: number; error: string }) {
  return z
    .string({ error })
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .pipe(z.int().min(limits.minimum, { error }).max(limits.maximum, { error }))
    .meta({
      override: ({ jsonSchema }: { jsonSchema: object }) => {
        Reflect.deleteProperty(jsonSchema, 'pattern')
        Object.assign(jsonSchema, { type: 'integer', ...limits })
      },
    })
}

const LIMITS = { minimum: 1, maximum: LIST_LIMIT_MAX }
const LIMIT_ERROR = `limit must be a whole number from 1 to ${LIST_LIMIT_MAX}`

/** How many items a list has, in a query string. */
export const Limit = wholeNumber({ ...LIMITS, error: LIMIT_ERROR })
  .default(LIST_LIMIT_DEFAULT)
  .describe('The most items to answer with.')

/** How many items a list has, in a body. */
export const BodyLimit = z
  .int({ error: LIMIT_ERROR })
  .min(LIMITS.minimum, { error: LIMIT_ERROR })
  .max(LIMITS.maximum, { error: LIMIT_ERROR })
  .default(LIST_LIMIT_DEFAULT)
  .describe('The most items to answer with.')

export const Id = z
  .string({ error: 'an id must be a string' })
  .min(1, { error: 'an id must not be empty' })
  .max(ID_LENGTH_MAX, { error: `an id has at most ${ID_LENGTH_MAX} characters` })

export const Category = z
  .string()
  .min(1, { error: 'category must not be empty: leave it out for all' })
  .max(200, { error: 'category has at most 200 characters' })

const ID_LIST = new RegExp(
  `^[^,]{1,${ID_LENGTH_MAX}}(,[^,]{1,${ID_LENGTH_MAX}}){0,${EXCLUDED_MAX - 1}}$`,
)
const ID_LIST_ERROR = `must be at most ${EXCLUDED_MAX} comma-separated ids, each of 1 to ${ID_LENGTH_MAX} characters`
const ID_LIST_TEXT = z.string().regex(ID_LIST, { error: ID_LIST_ERROR })

/** `a,b` or `exclude=a&exclude=b`, as a list. */
export const IdList = z
  .union([ID_LIST_TEXT, z.array(ID_LIST_TEXT).min(1).max(EXCLUDED_MAX, { error: ID_LIST_ERROR })], {
    error: ID_LIST_ERROR,
  })
  .transform((ids) => [ids].flat().flatMap((part) => part.split(',')))
  .pipe(z.array(Id).max(EXCLUDED_MAX, { error: ID_LIST_ERROR }))
