-- One row for each order whose payment or cancellation shipping has heard of. An order of which only the address is known
-- has its row in contacts alone: one write less for each order.
CREATE TABLE shipments (
  order_id        uuid PRIMARY KEY,
  state           text NOT NULL,
  shipment_id     uuid,
  carrier         text,
  tracking_number text,
  promised_date   date,
  service_level   text,
  refusal         text,
  CONSTRAINT shipment_knows_what_its_state_needs CHECK (
    CASE state
      WHEN 'paid' THEN shipment_id IS NULL
      WHEN 'cancelled' THEN carrier IS NULL
      WHEN 'booking' THEN shipment_id IS NOT NULL
      WHEN 'cancelling' THEN shipment_id IS NOT NULL
      WHEN 'refused' THEN shipment_id IS NOT NULL AND refusal IS NOT NULL
      WHEN 'scheduled' THEN num_nulls(shipment_id, carrier, tracking_number, promised_date) = 0
      WHEN 'dispatched' THEN num_nulls(shipment_id, carrier, tracking_number, promised_date) = 0
      WHEN 'called-off' THEN num_nulls(shipment_id, carrier, tracking_number, promised_date) = 0
      ELSE false
    END)
) WITH (fillfactor = 50);

-- Personal data, and the only place in this database that holds any: delete an order's row to forget its recipient.
CREATE TABLE contacts (
  order_id    uuid PRIMARY KEY,
  name        text NOT NULL,
  street      text NOT NULL,
  postal_code text NOT NULL,
  city        text NOT NULL,
  country     text NOT NULL
);
