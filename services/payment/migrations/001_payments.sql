-- One row for each order that payment has heard of, written three times on the way to a charge: the room on each page lets
-- Postgres do so in place, without touching the index.
CREATE TABLE payments (
  order_id       uuid PRIMARY KEY,
  state          text NOT NULL CHECK (state IN ('ordered', 'reserved', 'charging', 'completed', 'failed', 'cancelling',
                                                'refunding', 'refunded', 'cancelled')),
  payment_id     uuid,   -- from the charge on
  amount         bigint CHECK (amount BETWEEN 0 AND 100000000000), -- minor units
  currency       text   CHECK (currency ~ '^[A-Z]{3}$'),
  payment_method text,   -- the provider's token
  charge_id      text,   -- the provider's number
  refund_id      text,   -- the provider's number
  code           text,   -- why the provider declined
  updated_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT terms_are_known CHECK (state IN ('reserved', 'cancelled') OR num_nulls(amount, currency, payment_method) = 0),
  CONSTRAINT attempt_has_id CHECK (state IN ('ordered', 'reserved', 'cancelled') OR payment_id IS NOT NULL),
  CONSTRAINT charge_has_number CHECK ((state IN ('completed', 'refunding', 'refunded')) = (charge_id IS NOT NULL)),
  CONSTRAINT refund_has_number CHECK ((state = 'refunded') = (refund_id IS NOT NULL)),
  CONSTRAINT decline_has_code CHECK ((state = 'failed') = (code IS NOT NULL))
) WITH (fillfactor = 50);
