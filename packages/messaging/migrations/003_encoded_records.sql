-- An entry's records are encoded once, as Kafka's record batches hold them, so that the relay copies them as they are.
-- Layout: see src/entry.ts. The format before began with a zero byte; nobody can read it any more.
DO $$
BEGIN
  IF EXISTS (SELECT FROM messaging.outbox o WHERE o.position > (SELECT low FROM messaging.relay)) THEN
    RAISE EXCEPTION 'The outbox holds events in the format of the version before'
      USING HINT = 'Start that version once more: it sends them to Kafka';
  END IF;
END $$;
TRUNCATE messaging.outbox;

-- A zigzag varint.
CREATE FUNCTION messaging.unpack_varint(entry bytea, INOUT at int, OUT value int) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  byte int;
  shift int := 0;
  zigzag bigint := 0;
BEGIN
  LOOP
    byte := get_byte(entry, at);
    at := at + 1;
    zigzag := zigzag | ((byte & 127)::bigint << shift);
    EXIT WHEN byte < 128;
    shift := shift + 7;
  END LOOP;
  value := ((zigzag >> 1) # -(zigzag & 1))::int;
END $$;

CREATE OR REPLACE FUNCTION messaging.unpack_bytes(entry bytea, INOUT at int, OUT content bytea) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE size int;
BEGIN
  SELECT v.at, v.value INTO at, size FROM messaging.unpack_varint(entry, at) v;
  IF size < 0 THEN
    content := NULL;
  ELSE
    content := substring(entry FROM at + 1 FOR size);
    at := at + size;
  END IF;
END $$;

-- A dead letter's key and headers are whatever came; people see what can be shown.
CREATE FUNCTION messaging.text_or_hex(content bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(content, 'UTF8');
EXCEPTION WHEN OTHERS THEN
  RETURN encode(content, 'hex');
END $$;

-- What it answers is as before, and so is the view on it.
CREATE OR REPLACE FUNCTION messaging.unpack(entry bytea)
RETURNS TABLE (item int, topic text, key text, value bytea, headers jsonb) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  at int := 1;
  size int;
  content bytea;
  name text;
  names int;
BEGIN
  -- Out of its compressed or remote storage once, not at each access below: a thousandfold for a large entry.
  entry := entry || ''::bytea;
  item := 0;
  WHILE at < length(entry) LOOP
    item := item + 1;
    size := (get_byte(entry, at) << 8) + get_byte(entry, at + 1);
    topic := convert_from(substring(entry FROM at + 3 FOR size), 'UTF8');
    -- Behind the topic, and the body's size.
    at := at + 2 + size + 4;
    SELECT u.at, messaging.text_or_hex(u.content) INTO at, key FROM messaging.unpack_bytes(entry, at) u;
    SELECT u.at, u.content INTO at, value FROM messaging.unpack_bytes(entry, at) u;
    SELECT v.at, v.value INTO at, names FROM messaging.unpack_varint(entry, at) v;
    headers := '{}';
    FOR i IN 1..names LOOP
      SELECT u.at, messaging.text_or_hex(u.content) INTO at, name FROM messaging.unpack_bytes(entry, at) u;
      SELECT u.at, u.content INTO at, content FROM messaging.unpack_bytes(entry, at) u;
      headers := headers || jsonb_build_object(name, messaging.text_or_hex(content));
    END LOOP;
    RETURN NEXT;
  END LOOP;
END $$;
