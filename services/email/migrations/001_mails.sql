-- One row for each mail: the primary key is the promise that there is one at most for each order and template. No address
-- and no name: those are with the effect, and go with it. Written twice, the second time in place.
CREATE TABLE mails (
  order_id        uuid NOT NULL,
  template        text NOT NULL CHECK (template IN ('order-confirmation', 'shipment-scheduled', 'order-cancelled')),
  notification_id uuid NOT NULL,
  state           text NOT NULL CHECK (state IN ('sending', 'sent', 'unknown')),
  cause           text, -- what kept us from knowing
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, template),
  CONSTRAINT unknown_has_cause CHECK ((state = 'unknown') = (cause IS NOT NULL))
) WITH (fillfactor = 60);
