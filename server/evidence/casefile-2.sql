-- What version 2 of a case file adds to casefile.sql: moments of a recording that have a name.

-- One that is taken away has no row here.
CREATE TABLE bookmark(
  source     INTEGER NOT NULL REFERENCES source(id),
  time_ms    INTEGER NOT NULL,
  process    INTEGER NOT NULL,                          -- process.entity_id of the timeline it was made in; 0 of all
  name       TEXT NOT NULL CHECK(length(name) BETWEEN 1 AND 400),
  author     TEXT NOT NULL CHECK(length(author) <= 200), -- who changed it last
  changed_ms INTEGER NOT NULL,
  PRIMARY KEY(source, time_ms)
) STRICT, WITHOUT ROWID;
