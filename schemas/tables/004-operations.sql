CREATE TABLE IF NOT EXISTS dead_letters (
  _topic LowCardinality(String),
  _partition UInt16,
  _offset UInt64,
  stage LowCardinality(String),
  reason String,
  value_base64 String,
  failed_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (_topic, _partition, _offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS watermarks (
  `group` LowCardinality(String),
  _topic LowCardinality(String),
  _partition UInt16,
  watermark DateTime64(3, 'UTC'),
  idle UInt8,
  ver UInt64,
  updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(ver)
ORDER BY (`group`, _topic, _partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
