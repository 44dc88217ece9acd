-- An index of what lies in the dead letter topics: each dead letter once, as the newest of its records says.
-- The topics forget after 14 days; what is open here stays until somebody has dealt with it.

-- record_value:   as it is now; original_value: as it came, once it was edited
-- headers:        those of the message, base64 by name, without the ones that dead letters add
-- state:          open until a resolution comes: redriven, discarded. A redrive that fails opens it again
-- written_offset: of the newest record in the dead letter topic that was taken in; older ones change nothing
-- words:          in lower case, what is searched: key, event, code, text, headers, and what is text in the value
CREATE TABLE dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  record_key bytea,
  record_value bytea,
  original_value bytea,
  edited boolean NOT NULL DEFAULT false,
  headers jsonb NOT NULL,
  event text,
  error_code text NOT NULL,
  error_text text NOT NULL,
  error_stack text,
  attempts int NOT NULL,
  recorded_at timestamptz NOT NULL,
  first_failed_at timestamptz NOT NULL,
  last_failed_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'redriven', 'discarded')),
  resolved_at timestamptz,
  resolved_by text,
  resolved_because text,
  written_offset bigint NOT NULL,
  words text NOT NULL,
  UNIQUE (consumer_group, topic, partition, "offset"),
  CHECK ((state = 'open') = (resolved_at IS NULL))
);

CREATE INDEX dead_letters_state ON dead_letters (state, id);
CREATE INDEX dead_letters_key ON dead_letters (key, id);
CREATE INDEX dead_letters_resolved ON dead_letters (resolved_at) WHERE resolved_at IS NOT NULL;
