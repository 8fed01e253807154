CREATE TABLE IF NOT EXISTS catalogue (
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
ENGINE = ReplacingMergeTree(ver)
ORDER BY product_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE OR REPLACE VIEW products AS
SELECT product_id, title, category, brand, description, price_minor, currency, stock, image_url, updated_at
FROM catalogue FINAL
WHERE removed = 0;

-- The category of a product is the one it has now: an order of last year moves with its products.
CREATE OR REPLACE VIEW category_minutes AS
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
