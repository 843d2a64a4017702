-- A case file: what people say of recordings. Plain SQLite: any tool can read it. This is version 1; what version 2
-- added is in casefile-2.sql.
--
-- application_id 0x53504343 ("SPCC"), user_version = schema version, a rollback journal, UTF-8.
-- Times are milliseconds since 1970-01-01 UTC. Nothing here is ever written into a recording.
--
-- A later version may add tables, which refer to `source`; it does not change what these say.

-- A recording that something is said of.
CREATE TABLE source(
  id       INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE CHECK(length(identity) BETWEEN 1 AND 200),
  -- the same for every snapshot of one recording: its event ids are the same too
  host     TEXT NOT NULL CHECK(length(host) <= 1000),
  name     TEXT NOT NULL CHECK(length(name) <= 1000),  -- of the file, when it was first met
  sha256   TEXT CHECK(length(sha256) = 64),            -- of that file; NULL: not known
  first_ms INTEGER NOT NULL,                           -- of its events then
  last_ms  INTEGER NOT NULL,
  events   INTEGER NOT NULL,
  added_ms INTEGER NOT NULL
) STRICT;

-- What is said of one row of a recording. A row of which nothing is said any more has none here.
CREATE TABLE note(
  source     INTEGER NOT NULL REFERENCES source(id),
  event      INTEGER NOT NULL,                          -- event.id
  process    INTEGER NOT NULL,                          -- process.entity_id; 0 none
  time_ms    INTEGER NOT NULL,                          -- of the event
  marked     INTEGER NOT NULL CHECK(marked IN (0, 1)),
  tags       TEXT NOT NULL CHECK(length(tags) <= 4000), -- sorted, each once, a newline between two
  comment    TEXT NOT NULL CHECK(length(comment) <= 20000),
  author     TEXT NOT NULL CHECK(length(author) <= 200), -- who changed it last
  changed_ms INTEGER NOT NULL,
  PRIMARY KEY(source, event)
) STRICT, WITHOUT ROWID;
