-- The outbox of a service's own database: what a transaction has to tell, it writes here, in that same transaction.
-- For PostgreSQL 13 and newer. May run again: what is there stays as it is. docs/outbox.md says how a service joins.

-- Debezium's Outbox Event Router knows the first five columns by these names. No constraint checks what an event says:
-- it would fail the order that the event tells of. Rows that are no event go to freshet_outbox_rejected instead.
CREATE TABLE IF NOT EXISTS outbox (
  -- Becomes the event_id. Version 7, so that rows of one transaction are read in the order they were written.
  id uuid PRIMARY KEY,
  -- 'order', 'product' or 'user'; with Debezium the end of the topic's name.
  aggregatetype text NOT NULL,
  -- With Debezium the key, and so what stays in order: the user_id, for products the product_id.
  aggregateid text NOT NULL,
  -- The event type: 'OrderPlaced'.
  type text NOT NULL,
  -- The other fields of the event: {"user_id": …, "order_id": …}.
  payload jsonb NOT NULL,
  event_time timestamptz NOT NULL DEFAULT now(),
  -- Of schemas/events/versions, that the payload was written by.
  schema_version integer NOT NULL DEFAULT 1,
  -- Never written by services. Ids and sequences are taken before it is known when a transaction commits, so a reader
  -- that remembers the largest one loses what commits late with a smaller one. Of transaction ids PostgreSQL can say
  -- below which none is still running: pg_snapshot_xmin. Everything below is decided, and is read once.
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (
  -- Rows that were read may be deleted: vacuum by number, for a share of a table that is nearly empty means nothing.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000
);

-- The order of reading; every read is a range of it.
CREATE INDEX IF NOT EXISTS outbox_xid_id ON outbox (xid, id);

-- How far Freshet has read. Beside the rows, so that it moves in one transaction with what is set aside or deleted.
CREATE TABLE IF NOT EXISTS freshet_outbox_position (
  -- One row.
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  -- The last row that was passed.
  xid xid8 NOT NULL DEFAULT '0',
  id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  -- {xid, id, ends}: rows up to there may be in the log already, at or beyond these offsets. Written before they are
  -- appended, so that after a crash the log can be asked which of them are.
  intent jsonb,
  -- Transaction ids mean nothing in another cluster: a dump that is restored elsewhere must not be read on silently.
  system_identifier text NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT now()
);

-- Rows that could not become an event, as they were, and why. Whatever a row is, this takes it: it must not be in the
-- way of those behind it. To send one again: docs/outbox.md.
CREATE TABLE IF NOT EXISTS freshet_outbox_rejected (
  id uuid NOT NULL,
  aggregatetype text,
  aggregateid text,
  type text,
  payload jsonb,
  event_time timestamptz,
  schema_version integer,
  xid xid8 NOT NULL,
  -- One of the rejection codes of POST /v1/events.
  code text NOT NULL,
  -- JSON pointer to the field.
  pointer text NOT NULL,
  reason text NOT NULL,
  rejected_at timestamptz NOT NULL DEFAULT now(),
  -- A row that was mended wrongly comes back in another transaction.
  PRIMARY KEY (id, xid)
);

-- Wakes the reader at the commit instead of at its next poll. Off until a trigger is made, because NOTIFY makes commits
-- wait for one another: CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION freshet_outbox_wake()
CREATE OR REPLACE FUNCTION freshet_outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('freshet_outbox', '');
  RETURN NULL;
END
$$;
