import { corrupt, type EngineError } from '#engines/errors.ts'
import type { RejectionCode } from '#schemas/http/events-accepted.ts'
import type { LogEnds } from './log-ends.ts'
import type { OutboxSession } from './outbox-session.ts'

/** A place in the order of reading: transaction id (as text, it is an unsigned 64-bit number), then row id. */
export interface OutboxPlace {
  readonly xid: string
  readonly id: string
}

export interface OutboxRow extends OutboxPlace {
  readonly type: string | null
  /** As PostgreSQL writes it in UTC. */
  readonly event_time: string | null
  /** The JSON; null when there is none, or when it is larger than `payloadBytesMax`. */
  readonly payload: string | null
  readonly payload_bytes: string | null
}

/** Rows up to `end` were about to be appended, to a log that ended at `ends`. */
export interface Intent {
  readonly end: OutboxPlace
  readonly ends: LogEnds
}

export interface RejectedRow {
  readonly id: string
  readonly code: RejectionCode
  readonly pointer: string
  readonly message: string
}

export interface ChunkLimits {
  readonly rows: number
  /** Of JSON; the chunk ends with the row that reaches it. */
  readonly bytes: number
  readonly payloadBytesMax: number
}

/** The tables of schemas/outbox.sql, as the one reader that holds the lock of `session` uses them. */
export class OutboxTable {
  readonly #session: OutboxSession

  constructor(session: OutboxSession) {
    this.#session = session
  }

  /** The position and intent of the last session; the start when there was none. @throws EngineError ENGINE_CORRUPT in another cluster */
  async load(): Promise<{ readonly position: OutboxPlace; readonly intent: Intent | undefined }> {
    await this.#session.rows(`INSERT INTO freshet_outbox_position (system_identifier)
      SELECT system_identifier::text FROM pg_control_system() ON CONFLICT DO NOTHING`)
    const [row] = await this.#session.rows<StoredPosition>(`SELECT xid, id, intent,
        p.system_identifier = s.system_identifier::text AS is_ours
      FROM freshet_outbox_position p, pg_control_system() s`)
    if (row === undefined) throw new TypeError('freshet_outbox_position lost its row')
    if (row.is_ours !== 't') throw this.#movedElsewhere()
    const intent = row.intent === null ? undefined : (JSON.parse(row.intent) as Intent)
    return { position: { xid: row.xid, id: row.id }, intent }
  }

  /** The next rows that no open transaction can still precede, in order; at least one, if there is any. */
  read(after: OutboxPlace, limits: ChunkLimits): Promise<readonly OutboxRow[]> {
    const { rows, bytes, payloadBytesMax } = limits
    const sql = chunkSql('xid < pg_snapshot_xmin(pg_current_snapshot())')
    return this.#session.rows(sql, [after.xid, after.id, payloadBytesMax, rows, bytes])
  }

  /** The rows of a chunk that was read before. */
  readUntil(
    after: OutboxPlace,
    end: OutboxPlace,
    { payloadBytesMax }: ChunkLimits,
  ): Promise<readonly OutboxRow[]> {
    const values = [after.xid, after.id, payloadBytesMax, null, null, end.xid, end.id]
    return this.#session.rows(chunkSql('(xid, id) <= ($6::xid8, $7::uuid)'), values)
  }

  /** When the oldest unread row happened, decided or not; undefined when all is read. */
  async oldestUnread(after: OutboxPlace): Promise<number | undefined> {
    const [row] = await this.#session.rows<{ ms: string }>(
      `SELECT extract(epoch FROM event_time) * 1000 AS ms FROM outbox
      WHERE (xid, id) > ($1::xid8, $2::uuid) ORDER BY xid, id LIMIT 1`,
      [after.xid, after.id],
    )
    return row && Number(row.ms)
  }

  /** Notes what is about to be appended, durably when it resolves. */
  async note(intent: Intent): Promise<void> {
    await this.#session.rows('UPDATE freshet_outbox_position SET intent = $1', [
      JSON.stringify(intent),
    ])
  }

  /** In one transaction: moves the position past a chunk, stores its rejected rows, and deletes it if asked to. */
  async advance(chunk: {
    readonly after: OutboxPlace
    readonly end: OutboxPlace
    readonly rejected: readonly RejectedRow[]
    readonly isDeleted: boolean
  }): Promise<void> {
    const { after, end, rejected, isDeleted } = chunk
    await this.#session.transaction(async () => {
      await this.#session.rows(
        `UPDATE freshet_outbox_position
        SET xid = $1::xid8, id = $2::uuid, intent = NULL, moved_at = now()`,
        [end.xid, end.id],
      )
      if (rejected.length > 0) await this.#reject(rejected)
      if (isDeleted)
        await this.#session.rows(
          `DELETE FROM outbox
          WHERE (xid, id) > ($1::xid8, $2::uuid) AND (xid, id) <= ($3::xid8, $4::uuid)`,
          [after.xid, after.id, end.xid, end.id],
        )
    })
  }

  async #reject(rejected: readonly RejectedRow[]): Promise<void> {
    await this.#session.rows(
      `INSERT INTO freshet_outbox_rejected (id, aggregatetype, aggregateid, type, payload,
        event_time, schema_version, xid, code, pointer, reason)
      SELECT id, aggregatetype, aggregateid, type, payload, event_time, schema_version, xid,
        code, pointer, reason
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS f (id, code, pointer, reason)
      JOIN outbox USING (id) ON CONFLICT DO NOTHING`,
      [
        rejected.map(({ id }) => id),
        rejected.map(({ code }) => code),
        rejected.map(({ pointer }) => pointer),
        rejected.map(({ message }) => message),
      ],
    )
  }

  #movedElsewhere(): EngineError {
    return corrupt(
      `the outbox at ${this.#session.address} was read in another PostgreSQL cluster, where transaction ids meant something else: say what is to be read again, as docs/outbox.md does under "After a restore"`,
    )
  }
}

interface StoredPosition extends OutboxPlace {
  readonly intent: string | null
  readonly is_ours: string
}

/**
 * Rows after ($1, $2) for which `condition` holds: at most $4 of them, and no more once $5 bytes of JSON are reached.
 * Payloads of more than $3 bytes are not read.
 */
function chunkSql(condition: string): string {
  return `SELECT id, xid, type, event_time, bytes AS payload_bytes,
    CASE WHEN bytes <= $3::bigint THEN payload END AS payload
  FROM (
    SELECT *, coalesce(sum(least(bytes, $3::bigint)) OVER (
      ORDER BY xid, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
    FROM (
      SELECT id, xid, type, event_time, payload::text AS payload,
        octet_length(payload::text) AS bytes
      FROM outbox WHERE (xid, id) > ($1::xid8, $2::uuid) AND ${condition}
      ORDER BY xid, id LIMIT $4::bigint
    ) page
  ) sized
  WHERE $5::bigint IS NULL OR bytes_before < $5::bigint
  ORDER BY xid, id`
}
