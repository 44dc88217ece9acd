-- Generations of the read model. The live one stands in `orders`, `order_terms` and `order_positions`; each of the others in a
-- schema of its own, order_generation_<number>. Switching moves the tables, so whoever reads and writes the live one needs to know nothing.

-- state: building, live, kept
CREATE TABLE order_generations (
  number     integer PRIMARY KEY,
  state      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  live_since timestamptz
);
CREATE UNIQUE INDEX order_generations_live ON order_generations (state) WHERE state = 'live';
INSERT INTO order_generations (number, state, live_since) VALUES (1, 'live', now());

-- An empty copy of a table in another schema: columns, options, key and indexes as the migrations have made them, under the same names.
CREATE FUNCTION create_empty_copy(source regclass, target name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  copy text;
  options text;
  statement text;
BEGIN
  SELECT format('%I.%I', target, relname), ' WITH (' || array_to_string(reloptions, ', ') || ')'
  INTO copy, options FROM pg_class WHERE oid = source;
  EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES)', copy, source) || coalesce(options, '');
  FOR statement IN
    SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', copy, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conrelid = source AND contype = 'p'
    UNION ALL
    SELECT regexp_replace(pg_get_indexdef(indexrelid), ' ON \S+ ', format(' ON %s ', copy))
    FROM pg_index WHERE indrelid = source AND NOT indisprimary
  LOOP
    EXECUTE statement;
  END LOOP;
END $$;
