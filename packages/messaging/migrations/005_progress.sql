-- How the starts of each partition went: docs/adr/0008-crash-quarantine.md. One row each, written at a process's first
-- batch of it, and when that is committed.
-- offset:        where the last start began to read
-- crashes:       starts in a row that died before their first batch was committed
-- holder:        who started last; NULL once its first batch is committed, or it has ended in order
-- alone_offset:  the message that was last in hand alone; in_hand: it is now
-- alone_crashes: crashes in a row during which it was
CREATE TABLE messaging.progress (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  crashes int NOT NULL DEFAULT 0,
  holder uuid,
  alone_offset bigint,
  alone_crashes int NOT NULL DEFAULT 0,
  in_hand boolean NOT NULL DEFAULT false,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Whether a build was seen to fail more messages than it handled: who starts next is on probation. One row.
CREATE TABLE messaging.mass_failure (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  is_suspected boolean NOT NULL DEFAULT false
);
INSERT INTO messaging.mass_failure DEFAULT VALUES;
