-- An effect has a row while it is open: waiting → (started, where it must not run twice) → deleted, by the transaction
-- that takes its outcome in. A row that stayed was written anew for that, indexed anew, and never read again.
-- Data is handed out as it came, so it is json: no tree of it is built.
-- No index but the primary key. Whoever looks for what has lost its owner reads the table, which is small; and the
-- planner, which takes it for empty, would rather read all of an owner's entries than look up a few ids.
DELETE FROM messaging.effects WHERE state = 'done';
DROP INDEX messaging.effects_open;
ALTER TABLE messaging.effects
  DROP CONSTRAINT effects_state_check,
  ADD CONSTRAINT effects_state_check CHECK (state IN ('waiting', 'started')),
  DROP COLUMN outcome,
  ALTER COLUMN data TYPE json,
  ALTER COLUMN data SET NOT NULL;
-- Room for a second version of each row on its page: a mail that begins is written again in place.
ALTER TABLE messaging.effects SET (fillfactor = 50);
