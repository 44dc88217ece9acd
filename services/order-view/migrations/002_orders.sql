-- The read model in Postgres: what orders.read-model says of each order, and the indexes by which it is found.

-- partition, offset: where its newest version lies in orders.read-model: readers of changes go along them
-- placed_at:         epoch ms, so that a page's cursor is exact
-- waits_for:         the service that owes the next step
-- model:             all of it, as JSON
CREATE TABLE orders (
  order_id    uuid PRIMARY KEY,
  version     integer NOT NULL,
  partition   integer NOT NULL,
  "offset"    bigint  NOT NULL,
  status      text    NOT NULL,
  customer_id text    NOT NULL COLLATE "C",
  skus        text[]  NOT NULL,
  amount      bigint  NOT NULL, -- minor units
  currency    text    NOT NULL,
  placed_at   bigint  NOT NULL,
  waits_for   text,
  model       json    NOT NULL
);

-- Each in the order in which pages come, so that the first page costs the same however many follow.
CREATE INDEX orders_placed ON orders (placed_at, order_id);
CREATE INDEX orders_customer ON orders (customer_id, placed_at, order_id);
CREATE INDEX orders_status ON orders (status, placed_at, order_id);
CREATE INDEX orders_waits_for ON orders (waits_for, placed_at, order_id) WHERE waits_for IS NOT NULL;
CREATE INDEX orders_amount ON orders (amount, placed_at, order_id);
CREATE INDEX orders_changed ON orders (partition, "offset");

-- What an order is found by besides, once for each order: `sku:SKU-0001`, `word:lamp`. Not a GIN index, as that knows no
-- order: a word that many have would be sorted as a whole for each page.
CREATE TABLE order_terms (
  term      text   NOT NULL COLLATE "C",
  placed_at bigint NOT NULL,
  order_id  uuid   NOT NULL,
  PRIMARY KEY (term, placed_at, order_id)
);

-- How far each partition of orders.read-model has been read: moves in the statement that takes its records in.
CREATE TABLE order_positions (
  partition   integer PRIMARY KEY,
  next_offset bigint NOT NULL
);
