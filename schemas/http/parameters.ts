import { z } from 'zod'

export const LIST_LIMIT_DEFAULT = 10
export const LIST_LIMIT_MAX = 100
/** As long as the events' own ids may be. */
export const ID_LENGTH_MAX = 128
export const EXCLUDED_MAX = 200

/** How many items a list has. */
export const Limit = z.coerce
  .number({ error: `limit must be a number from 1 to ${LIST_LIMIT_MAX}` })
  .int({ error: 'limit must be a whole number' })
  .min(1, { error: `limit must be from 1 to ${LIST_LIMIT_MAX}` })
  .max(LIST_LIMIT_MAX, { error: `limit must be from 1 to ${LIST_LIMIT_MAX}` })
  .default(LIST_LIMIT_DEFAULT)
  .describe('How many items to answer with.')

export const Id = z
  .string()
  .min(1, { error: 'an id must not be empty' })
  .max(ID_LENGTH_MAX, { error: `an id has at most ${ID_LENGTH_MAX} characters` })

export const Category = z.string().min(1).max(200, { error: 'category has at most 200 characters' })

/** `a,b` or `exclude=a&exclude=b`, as a list without empty entries. */
export const IdList = z
  .union([z.string(), z.array(z.string())])
  .transform((ids) => [ids].flat().flatMap((part) => part.split(',')))
  .transform((ids) => ids.filter((id) => id !== ''))
  .pipe(z.array(Id).max(EXCLUDED_MAX, { error: `at most ${EXCLUDED_MAX} ids can be excluded` }))
