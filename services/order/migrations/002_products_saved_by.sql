-- Who saved a product last, so that an instance reads what it hasn't seen yet, and not a minute of it again each time.
-- Clocks can't say it: a transaction may commit after one that began later.
DROP INDEX products_saved;
ALTER TABLE products DROP COLUMN saved_at, ADD COLUMN saved_by xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX products_saved ON products (saved_by);
