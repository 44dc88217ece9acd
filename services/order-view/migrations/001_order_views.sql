-- What was folded so far of each order, as src/view.ts has it. Nobody searches it: what is searched stands in `orders`.
CREATE TABLE order_views (
  order_id uuid PRIMARY KEY,
  view     json NOT NULL
) WITH (fillfactor = 50);
