-- The source: every order is the fold of its own events. The version is also the event's ce_sequence in orders.events.
CREATE TABLE order_events (
  order_id uuid NOT NULL,
  version int NOT NULL CHECK (version > 0),
  name text NOT NULL,
  data jsonb NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (order_id, version)
);

-- A projection for lists and deadlines, saved with the events. Order ids are UUIDv7, so the newest order has the
-- greatest id, and each list is read along one index.
CREATE TABLE orders (
  order_id uuid PRIMARY KEY,
  customer_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'CONFIRMED', 'CANCELLED')),
  reason text CHECK ((reason IS NOT NULL) = (status = 'CANCELLED')),
  total_amount bigint NOT NULL CHECK (total_amount >= 0),
  currency text NOT NULL,
  version int NOT NULL,
  created_at timestamptz NOT NULL,
  deadline_at timestamptz NOT NULL,
  correlation_id text NOT NULL
);
CREATE INDEX orders_of_customer ON orders (customer_id, order_id);
CREATE INDEX orders_by_status ON orders (status, order_id);
CREATE INDEX orders_pending ON orders (deadline_at) WHERE status = 'PENDING';

-- Personal data, by itself: whom an order's mails go to. An order whose row is erased gets no more mail.
CREATE TABLE order_contacts (
  order_id uuid PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL
);

-- What the other services did for an order, as it arrived. `ignored` says why it changed nothing.
CREATE TABLE order_history (
  order_id uuid NOT NULL,
  topic text NOT NULL,
  sequence int NOT NULL,
  name text NOT NULL,
  at timestamptz NOT NULL,
  ignored text,
  PRIMARY KEY (order_id, topic, sequence)
);

-- Our own copy of the catalogue. An older sequence never overwrites a newer one.
CREATE TABLE products (
  sku text PRIMARY KEY,
  name text NOT NULL,
  unit_price bigint NOT NULL CHECK (unit_price >= 0),
  currency text NOT NULL,
  sequence int NOT NULL,
  saved_at timestamptz NOT NULL
);
CREATE INDEX products_saved ON products (saved_at);

-- One key of one caller, one order. The fingerprint tells another body under the same key.
CREATE TABLE idempotency_keys (
  caller text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  order_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
