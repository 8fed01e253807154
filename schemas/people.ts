/**
 * SQL that counts the different people of events exactly: one person is one `user_id`, else one `anonymous_id`; the two
 * kinds of id never mix.
 */
export const PEOPLE_SQL =
  "uniqExactIf(user_id, user_id != '') + uniqExactIf(anonymous_id, user_id = '' AND anonymous_id != '')"
