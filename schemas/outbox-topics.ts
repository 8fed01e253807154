/** Where Debezium's Outbox Event Router puts the rows of an outbox: `outbox.event.` and their `aggregatetype`. */
export const OUTBOX_TOPICS = [
  'outbox.event.order',
  'outbox.event.product',
  'outbox.event.user',
] as const
