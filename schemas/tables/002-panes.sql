-- One minute of event time per key per source partition, as absolute values: writing a pane again changes nothing.
CREATE TABLE IF NOT EXISTS order_panes (
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
ENGINE = ReplacingMergeTree(ver)
ORDER BY (minute, currency, _topic, _partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS product_panes (
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
ENGINE = ReplacingMergeTree(ver)
ORDER BY (minute, product_id, currency, _topic, _partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW order_minutes AS
SELECT minute, currency, sum(orders) AS orders, sum(units) AS units, sum(revenue_minor) AS revenue_minor,
  sum(refunds) AS refunds, sum(refunded_minor) AS refunded_minor
FROM order_panes FINAL
GROUP BY minute, currency;

CREATE OR REPLACE VIEW product_minutes AS
SELECT minute, product_id, sum(views) AS views, sum(carts) AS carts, sum(purchases) AS purchases,
  sum(units) AS units
FROM product_panes FINAL
GROUP BY minute, product_id;
