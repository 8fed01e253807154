import { OutboxSession, type OutboxSessionOptions } from './outbox-session.ts'

export interface OutboxState {
  /** Whether some process holds its lock. */
  readonly isRead: boolean
  /** Rows in `freshet_outbox_rejected`. */
  readonly rejected: number
  /** Age of the oldest unread row, by its event_time; 0 when all is read. */
  readonly lagMs: number
}

/** The state of an outbox, for `freshet doctor`. @throws EngineError when it does not answer or lacks its tables */
export async function inspectOutbox(options: OutboxSessionOptions): Promise<OutboxState> {
  await using session = await OutboxSession.open(options)
  const [row] = await session.rows<Record<keyof OutboxState, string>>(STATE)
  const { isRead, rejected, lagMs } = row ?? {}
  return { isRead: isRead === 't', rejected: Number(rejected), lagMs: Number(lagMs) }
}

const STATE = `SELECT
  EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND objid = 'outbox'::regclass::oid) AS "isRead",
  (SELECT count(*) FROM freshet_outbox_rejected) AS rejected,
  coalesce((
    SELECT greatest(0, floor(extract(epoch FROM now() - event_time) * 1000)) FROM outbox
    WHERE (xid, id) > (
      coalesce((SELECT xid FROM freshet_outbox_position), '0'),
      coalesce((SELECT id FROM freshet_outbox_position), '00000000-0000-0000-0000-000000000000'))
    ORDER BY xid, id LIMIT 1), 0) AS "lagMs"`
