-- server.db, version 1: what spoor-server keeps beside the files (which are named by their SHA-256).
-- application_id 0x53505356 ("SPSV"). Times are milliseconds since 1970-01-01 UTC. Written through server/depot.h only.

CREATE TABLE meta(
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE user(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: the activity log names them
  name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password   TEXT NOT NULL,     -- crypt(5), yescrypt
  role       INTEGER NOT NULL,  -- enum authorise_role
  disabled   INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
);

-- Groups of computers, and of users. A user in no group sees every computer, one in any sees those of its groups only.
CREATE TABLE "group"(
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,  -- enum depot_group_kind
  name TEXT NOT NULL COLLATE NOCASE,
  UNIQUE(kind, name)
);
CREATE TABLE group_link(
  users  INTEGER NOT NULL REFERENCES "group"(id) ON DELETE CASCADE,
  kind   INTEGER NOT NULL,  -- enum depot_link_kind: what member is
  member INTEGER NOT NULL,
  PRIMARY KEY(users, kind, member)
) WITHOUT ROWID;

-- An endpoint is its key. Two computers of one name are two endpoints.
CREATE TABLE endpoint(
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  key          TEXT NOT NULL UNIQUE,  -- SHA-256 of its public key (SubjectPublicKeyInfo), hexadecimal
  name         TEXT NOT NULL COLLATE NOCASE,
  computers    INTEGER REFERENCES "group"(id),
  enrolled_ms  INTEGER NOT NULL,
  contact_ms   INTEGER,  -- last heard of
  address      TEXT,     -- from where
  agent        TEXT,     -- its version
  revoked_ms   INTEGER   -- NULL: trusted
);
CREATE INDEX endpoint_name ON endpoint(name);

-- Secrets that somebody holds, as SHA-256 of them: they can be checked, not read.
CREATE TABLE token(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
  hash       BLOB NOT NULL UNIQUE,
  kind       INTEGER NOT NULL,  -- enum depot_token_kind
  user       INTEGER NOT NULL,  -- who made it, or whose login it is
  computers  INTEGER,           -- group that who enrols with it joins
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  uses       INTEGER            -- how often it may still be used; NULL: as often as wanted
);

CREATE TABLE object(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       INTEGER NOT NULL,  -- enum depot_object_kind
  sha256     TEXT NOT NULL,     -- and the name of its file; '': not here yet
  size       INTEGER NOT NULL,
  name       TEXT NOT NULL,     -- as people see it
  host       TEXT NOT NULL COLLATE NOCASE,
  endpoint   INTEGER,           -- NULL: not from one that is known here
  computers  INTEGER,           -- group of that endpoint when it came
  user       INTEGER NOT NULL,  -- who took it
  created_ms INTEGER NOT NULL,
  about      TEXT NOT NULL      -- JSON: what else is known (path, owner, mode, times, …)
);
CREATE INDEX object_host ON object(kind, host);
CREATE INDEX object_sha256 ON object(sha256);

-- Who did what. Only ever added to.
CREATE TABLE activity(
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  user    INTEGER NOT NULL,  -- 0: nobody who is known
  address TEXT NOT NULL,     -- from where; '' here
  request TEXT NOT NULL,
  about   TEXT NOT NULL,     -- which endpoint, expression, file, …
  outcome TEXT NOT NULL      -- 'ok' or why not
);
CREATE TRIGGER activity_stays BEFORE DELETE ON activity BEGIN SELECT raise(ABORT, 'the activity log is only added to'); END;
CREATE TRIGGER activity_keeps BEFORE UPDATE ON activity BEGIN SELECT raise(ABORT, 'the activity log is only added to'); END;
