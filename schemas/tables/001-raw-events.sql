-- Partitioned by arrival, so that a batch touches one part even when it carries years of history. In the order of the
-- log, so that a range of offsets is found at once; time follows that order closely enough for an index of extremes.
CREATE TABLE IF NOT EXISTS raw_events (
  event_id String,
  type LowCardinality(String),
  event_time DateTime64(3, 'UTC'),
  received_at DateTime64(3, 'UTC'),
  source LowCardinality(String),
  user_id String,
  anonymous_id String,
  session_id String,
  product_id String,
  order_id String,
  payload String CODEC(ZSTD(1)),
  dup UInt8,
  late UInt8,
  clamped UInt8,
  _topic LowCardinality(String),
  _partition UInt16,
  _offset UInt64,
  INDEX event_times event_time TYPE minmax GRANULARITY 1,
  INDEX event_ids event_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (_topic, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW events AS
SELECT event_id, type, event_time, received_at, source, user_id, anonymous_id, session_id, product_id, order_id,
  payload, dup, late, clamped, _topic, _partition, _offset
FROM raw_events;

CREATE OR REPLACE VIEW order_lines AS
SELECT order_id, event_id, event_time, user_id,
  tupleElement(line, 'product_id') AS product_id,
  tupleElement(line, 'quantity') AS quantity,
  tupleElement(line, 'unit_price_minor') AS unit_price_minor,
  JSONExtractString(payload, 'currency') AS currency
FROM raw_events
ARRAY JOIN JSONExtract(payload, 'lines', 'Array(Tuple(product_id String, quantity Int32, unit_price_minor Int64))') AS line
WHERE type = 'OrderPlaced' AND dup = 0;
