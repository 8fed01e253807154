CREATE TABLE IF NOT EXISTS raw_events ON CLUSTER prod (
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
PARTITION BY toYYYYMM(received_at)
ORDER BY (_topic, _partition, _offset)
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW events ON CLUSTER prod AS
SELECT event_id, type, event_time, received_at, source, user_id, anonymous_id, session_id, product_id, order_id,
  payload, dup, late, clamped, _topic, _partition, _offset
FROM raw_events;

CREATE OR REPLACE VIEW order_lines ON CLUSTER prod AS
SELECT order_id, event_id, event_time, user_id,
  tupleElement(line, 'product_id') AS product_id,
  tupleElement(line, 'quantity') AS quantity,
  tupleElement(line, 'unit_price_minor') AS unit_price_minor,
  JSONExtractString(payload, 'currency') AS currency
FROM raw_events
ARRAY JOIN JSONExtract(payload, 'lines', 'Array(Tuple(product_id String, quantity Int32, unit_price_minor Int64))') AS line
WHERE type = 'OrderPlaced' AND dup = 0;

CREATE TABLE IF NOT EXISTS order_panes ON CLUSTER prod (
  minute DateTime('UTC'),
  _topic LowCardinality(String),
  _partition UInt16,
  ver UInt64,
  received_at DateTime64(3, 'UTC'),
  currency LowCardinality(String),
  orders UInt64,
  units UInt64,
  revenue_minor Int64,
  refunds UInt64,
  refunded_minor Int64,
  written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', ver)
ORDER BY (minute, currency, _topic, _partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS product_panes ON CLUSTER prod (
  minute DateTime('UTC'),
  _topic LowCardinality(String),
  _partition UInt16,
  ver UInt64,
  received_at DateTime64(3, 'UTC'),
  product_id String,
  currency LowCardinality(String),
  views UInt64,
  carts UInt64,
  purchases UInt64,
  units UInt64,
  revenue_minor Int64,
  written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', ver)
ORDER BY (minute, product_id, currency, _topic, _partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW order_minutes ON CLUSTER prod AS
SELECT minute, currency, sum(orders) AS orders, sum(units) AS units, sum(revenue_minor) AS revenue_minor,
  sum(refunds) AS refunds, sum(refunded_minor) AS refunded_minor
FROM order_panes FINAL
GROUP BY minute, currency;

CREATE OR REPLACE VIEW product_minutes ON CLUSTER prod AS
SELECT minute, product_id, sum(views) AS views, sum(carts) AS carts, sum(purchases) AS purchases,
  sum(units) AS units
FROM product_panes FINAL
GROUP BY minute, product_id;

CREATE TABLE IF NOT EXISTS catalogue ON CLUSTER prod (
  product_id String,
  title String,
  category Array(String),
  brand String,
  description String,
  price_minor Int64,
  currency LowCardinality(String),
  stock Nullable(Int64),
  image_url String,
  updated_at DateTime64(3, 'UTC'),
  removed UInt8,
  ver UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', ver)
ORDER BY product_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW products ON CLUSTER prod AS
SELECT product_id, title, category, brand, description, price_minor, currency, stock, image_url, updated_at
FROM catalogue FINAL
WHERE removed = 0;

CREATE OR REPLACE VIEW category_minutes ON CLUSTER prod AS
SELECT panes.minute AS minute, panes.currency AS currency, known.first_category AS category,
  sum(panes.purchases) AS purchases, sum(panes.units) AS units, sum(panes.revenue_minor) AS revenue_minor
FROM (
  SELECT minute, product_id, currency, purchases, units, revenue_minor
  FROM product_panes FINAL
  WHERE purchases > 0
) AS panes
LEFT JOIN (
  SELECT product_id, arrayElement(category, 1) AS first_category
  FROM catalogue FINAL
) AS known ON known.product_id = panes.product_id
GROUP BY minute, currency, category;

CREATE TABLE IF NOT EXISTS dead_letters ON CLUSTER prod (
  _topic LowCardinality(String),
  _partition UInt16,
  _offset UInt64,
  stage LowCardinality(String),
  reason String,
  value_base64 String,
  failed_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
ORDER BY (_topic, _partition, _offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS watermarks ON CLUSTER prod (
  `group` LowCardinality(String),
  _topic LowCardinality(String),
  _partition UInt16,
  watermark DateTime64(3, 'UTC'),
  idle UInt8,
  ver UInt64,
  updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', ver)
ORDER BY (`group`, _topic, _partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
