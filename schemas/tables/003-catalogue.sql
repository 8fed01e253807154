CREATE TABLE catalogue (
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
ORDER BY product_id;

CREATE VIEW products AS
SELECT product_id, title, category, brand, description, price_minor, currency, stock, image_url, updated_at
FROM catalogue FINAL
WHERE removed = 0;

-- The category of a product is the one it has now: an order of last year moves with its products.
CREATE VIEW category_minutes AS
SELECT minute, currency, arrayElement(category, 1) AS category,
  sum(purchases) AS purchases, sum(units) AS units, sum(revenue_minor) AS revenue_minor
FROM (SELECT minute, product_id, currency, purchases, units, revenue_minor FROM product_panes FINAL) AS panes
LEFT JOIN (SELECT product_id, category FROM products) AS catalogue USING product_id
WHERE purchases > 0
GROUP BY minute, currency, category;
