-- The kernel's own tables, in a schema of their own inside each service's database.
CREATE SCHEMA IF NOT EXISTS messaging;

-- A topic's place in the vectors of inbox.applied and inbox.published. Never reassigned.
CREATE TABLE messaging.topics (
  ordinal int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- One row a key: the lock of everything that belongs to the key, and what is known of it in each topic.
-- applied[ordinal]:   highest ce_sequence applied; lower or equal is a duplicate, for ever
-- published[ordinal]: highest ce_sequence given to an event of this key that we published
-- parked:             ordinals of the topics in which this key waits behind a failed message
-- The fill factor leaves room for HOT updates: a row is rewritten a handful of times and never indexed anew.
CREATE TABLE messaging.inbox (
  key text PRIMARY KEY,
  applied int[] NOT NULL DEFAULT '{}',
  published int[] NOT NULL DEFAULT '{}',
  parked int[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 60);

CREATE VIEW messaging.inbox_view AS
SELECT i.key, t.name AS topic, i.applied[t.ordinal] AS applied, i.published[t.ordinal] AS published,
       t.ordinal = ANY (i.parked) AS parked
FROM messaging.inbox i, messaging.topics t
WHERE i.applied[t.ordinal] IS NOT NULL OR i.published[t.ordinal] IS NOT NULL OR t.ordinal = ANY (i.parked);

-- An entry is one transaction's events, packed and encoded, in the order decided. Positions are drawn after the
-- transaction has locked its keys, so one key's entries have rising positions in commit order.
-- Eight slots of 4096 positions are used in turn. A slot whose entries Kafka has all acknowledged is truncated as a
-- whole: no delete row by row, no DDL, and an insert can never miss a partition.
CREATE SEQUENCE messaging.outbox_position AS bigint;
CREATE TABLE messaging.outbox (
  position bigint NOT NULL DEFAULT nextval('messaging.outbox_position'),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  entry bytea NOT NULL
) PARTITION BY LIST (((position >> 12) & 7));
ALTER SEQUENCE messaging.outbox_position OWNED BY messaging.outbox.position;
ALTER TABLE messaging.outbox ALTER COLUMN entry SET STORAGE EXTERNAL;
CREATE TABLE messaging.outbox_0 PARTITION OF messaging.outbox FOR VALUES IN (0);
CREATE TABLE messaging.outbox_1 PARTITION OF messaging.outbox FOR VALUES IN (1);
CREATE TABLE messaging.outbox_2 PARTITION OF messaging.outbox FOR VALUES IN (2);
CREATE TABLE messaging.outbox_3 PARTITION OF messaging.outbox FOR VALUES IN (3);
CREATE TABLE messaging.outbox_4 PARTITION OF messaging.outbox FOR VALUES IN (4);
CREATE TABLE messaging.outbox_5 PARTITION OF messaging.outbox FOR VALUES IN (5);
CREATE TABLE messaging.outbox_6 PARTITION OF messaging.outbox FOR VALUES IN (6);
CREATE TABLE messaging.outbox_7 PARTITION OF messaging.outbox FOR VALUES IN (7);
CREATE INDEX outbox_by_position ON messaging.outbox (position);

-- Unpacks an entry for people. Layout: see src/entry.ts.
CREATE FUNCTION messaging.unpack_bytes(entry bytea, INOUT at int, OUT content bytea) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE size bigint;
BEGIN
  size := (get_byte(entry, at)::bigint << 24) + (get_byte(entry, at + 1) << 16) + (get_byte(entry, at + 2) << 8) + get_byte(entry, at + 3);
  at := at + 4;
  IF size = 4294967295 THEN
    content := NULL;
  ELSE
    content := substring(entry FROM at + 1 FOR size::int);
    at := at + size::int;
  END IF;
END $$;

CREATE FUNCTION messaging.unpack(entry bytea)
RETURNS TABLE (item int, topic text, key text, value bytea, headers jsonb) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  at int := 0;
  content bytea;
  name text;
  names int;
BEGIN
  -- Out of its compressed or remote storage once, not at each access below: a thousandfold for a large entry.
  entry := entry || ''::bytea;
  item := 0;
  WHILE at < length(entry) LOOP
    item := item + 1;
    SELECT u.at, u.content INTO at, content FROM messaging.unpack_bytes(entry, at) u;
    topic := convert_from(content, 'UTF8');
    SELECT u.at, u.content INTO at, content FROM messaging.unpack_bytes(entry, at) u;
    -- A dead letter's key is whatever came; people see what can be shown.
    BEGIN
      key := convert_from(content, 'UTF8');
    EXCEPTION WHEN OTHERS THEN
      key := encode(content, 'hex');
    END;
    SELECT u.at, u.content INTO at, value FROM messaging.unpack_bytes(entry, at) u;
    names := (get_byte(entry, at) << 8) + get_byte(entry, at + 1);
    at := at + 2;
    headers := '{}';
    FOR i IN 1..names LOOP
      SELECT u.at, u.content INTO at, content FROM messaging.unpack_bytes(entry, at) u;
      BEGIN
        name := convert_from(content, 'UTF8');
      EXCEPTION WHEN OTHERS THEN
        name := encode(content, 'hex');
      END;
      SELECT u.at, u.content INTO at, content FROM messaging.unpack_bytes(entry, at) u;
      BEGIN
        headers := headers || jsonb_build_object(name, convert_from(content, 'UTF8'));
      EXCEPTION WHEN OTHERS THEN
        headers := headers || jsonb_build_object(name, encode(content, 'hex'));
      END;
    END LOOP;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE VIEW messaging.outbox_view AS
SELECT o.position, o.created_at, u.item, u.topic, u.key, u.headers ->> 'ce_type' AS type,
       u.headers ->> 'ce_id' AS id,
       -- A dead letter's headers are whatever came.
       CASE WHEN u.headers ->> 'ce_sequence' ~ '^[0-9]{1,9}$' THEN (u.headers ->> 'ce_sequence')::int END AS sequence,
       u.headers, u.value
FROM messaging.outbox o, messaging.unpack(o.entry) u;

-- The relay's lease and mark, one row. Everything up to `low` is acknowledged by Kafka, or was rolled back.
-- A holder is dead once its connection is gone, or its lease has run out (a paused process keeps its connection).
CREATE TABLE messaging.relay (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  low bigint NOT NULL DEFAULT 0,
  epoch bigint NOT NULL DEFAULT 0,
  backend_pid int,
  backend_start timestamptz,
  expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 10);
INSERT INTO messaging.relay DEFAULT VALUES;

-- Who may own effects. An instance is dead once its connection is gone or it has not been seen for 10 s.
CREATE TABLE messaging.instances (
  id uuid PRIMARY KEY,
  backend_pid int NOT NULL,
  backend_start timestamptz NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);

CREATE VIEW messaging.live_instances AS
SELECT i.id FROM messaging.instances i
JOIN pg_stat_activity a ON a.pid = i.backend_pid AND a.backend_start = i.backend_start
WHERE i.seen_at > now() - interval '10 s';

-- Calls to the world outside. waiting → (started, where it must not run twice) → done. `owner` executes it.
CREATE TABLE messaging.effects (
  kind text NOT NULL,
  id text NOT NULL,
  key text NOT NULL,
  data jsonb,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'started', 'done')),
  owner uuid,
  correlation_id text NOT NULL,
  causation_id text NOT NULL,
  traceparent text,
  outcome jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, id)
) WITH (fillfactor = 70);
CREATE INDEX effects_open ON messaging.effects (owner) WHERE state <> 'done';

-- A key's failed message, and behind it, in order, those that wait for it.
CREATE TABLE messaging.parked (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  sequence int,
  record_key bytea,
  record_value bytea,
  record_headers jsonb NOT NULL,
  record_time timestamptz NOT NULL,
  -- NULL for those that merely wait behind the failed one
  error_code text,
  error_text text,
  parked_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (topic, partition, "offset")
);
CREATE INDEX parked_key ON messaging.parked (topic, key, id);
