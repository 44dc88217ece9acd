-- What we sell. `version` is the ce_sequence of the product's latest ProductListed.
CREATE TABLE products (
  sku        text COLLATE "C" PRIMARY KEY,
  name       text    NOT NULL,
  unit_price bigint  NOT NULL CHECK (unit_price BETWEEN 0 AND 100000000000), -- minor units
  currency   text    NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  version    integer NOT NULL CHECK (version >= 1)
);

-- Where the units of each product are. Apart from the products, because these rows are hot: a busy SKU's row is rewritten
-- by every batch. The room on each page lets Postgres do so in place, without touching the index.
CREATE TABLE stock (
  sku      text COLLATE "C" PRIMARY KEY REFERENCES products,
  on_hand  bigint NOT NULL CHECK (on_hand >= 0),  -- can still be reserved
  reserved bigint NOT NULL CHECK (reserved >= 0), -- promised to orders that are not confirmed yet
  shipped  bigint NOT NULL CHECK (shipped >= 0),  -- left the house
  received bigint NOT NULL,                       -- what came in, less what was written off
  version  bigint NOT NULL DEFAULT 1,
  CONSTRAINT stock_is_conserved CHECK (on_hand + reserved + shipped = received)
) WITH (fillfactor = 25);

-- One row for each order that inventory has heard of. An order's row is written twice: reserved, then shipped or released.
CREATE TABLE reservations (
  order_id uuid  PRIMARY KEY,
  state    text  NOT NULL CHECK (state IN ('reserved', 'refused', 'shipped', 'released', 'cancelled')),
  lines    jsonb NOT NULL -- [{"sku", "quantity"}], each SKU once; empty unless units were set aside
) WITH (fillfactor = 70);
