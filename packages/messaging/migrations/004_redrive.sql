-- A parked message is open (`parked`) until it is redriven or discarded. Then its row stays for as long as its dead letter
-- does, without its content: a redelivery must not park it again. How often it was tried, and what it failed for, belong to
-- a message that failed; those behind it have neither.
ALTER TABLE messaging.parked
  ADD COLUMN state text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'redriven', 'discarded')),
  ADD COLUMN attempts int NOT NULL DEFAULT 0,
  -- Since it came, or was edited.
  ADD COLUMN redrives int NOT NULL DEFAULT 0,
  ADD COLUMN edited boolean NOT NULL DEFAULT false,
  ADD COLUMN error_stack text,
  ADD COLUMN first_failed_at timestamptz,
  ADD COLUMN resolved_at timestamptz;
UPDATE messaging.parked SET attempts = 1, first_failed_at = parked_at WHERE error_code IS NOT NULL;
DROP INDEX messaging.parked_key;
CREATE INDEX parked_open ON messaging.parked (topic, key, id) WHERE state = 'parked';
CREATE INDEX parked_resolved ON messaging.parked (resolved_at) WHERE state <> 'parked';

-- Who did what to which message, and why. Written in the transaction that does it.
CREATE TABLE messaging.operator_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL CHECK (action IN ('redrive', 'discard', 'edit')),
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  reason text NOT NULL,
  result text NOT NULL
);
