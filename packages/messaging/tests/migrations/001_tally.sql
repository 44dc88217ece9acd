CREATE TABLE tallies (
  order_id text PRIMARY KEY,
  count int NOT NULL CHECK (count BETWEEN 0 AND 1000)
);
