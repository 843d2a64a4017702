-- monitor.db, version 2. Plain SQLite: any tool can read it, best through the views at the end.
--
-- application_id 0x53504f52 ("SPOR"), user_version = schema version, WAL, UTF-8.
-- Times are milliseconds since 1970-01-01 UTC. Numbers of categories, actions, causes: recorder/event.h.
-- Text that is not valid UTF-8 is stored as BLOB, everything else as TEXT.
--
-- Version 2: command lines as deltas, audit serials out of the rows, what an image shares with its process and an event
-- with its image once. Rows of version 1 stay as they are and mean the same: schema-1.sql.

CREATE TABLE meta(
  key   TEXT PRIMARY KEY,  -- 'host', 'created_ms', 'text_key', 'unparsed', 'agent_version', …
  value
) WITHOUT ROWID;

-- Every text once. A path is (directory, last name). A command line may be what it has of another one and what is new:
-- recorder/store/delta.h.
CREATE TABLE text(
  id    INTEGER PRIMARY KEY,
  kind  INTEGER NOT NULL,  -- 0 other, 1 path, 2 directory, 3 command line, 4 address
  dir   INTEGER,           -- kind 1: the text of the directory; NULL: the path has none ("vmlinuz")
                           -- kind 3: the text that value is a delta of; NULL: value is the whole
  value NOT NULL
);
-- Finds a text by its whole value, ignoring ASCII case: bucket = 14 bits of a hash keyed with meta 'text_key'; texts =
-- its entries packed: 1 byte tag, LEB128 distance to the id before. Read it through text_find (recorder/store/text.h).
CREATE TABLE text_hash(
  bucket INTEGER PRIMARY KEY,
  texts  BLOB NOT NULL
);
-- Texts from this id on (to the next row's) were first met in this bucket of time: see posting.
CREATE TABLE text_birth(
  text   INTEGER PRIMARY KEY,
  bucket INTEGER NOT NULL
);

CREATE TABLE boot(
  id       INTEGER PRIMARY KEY,
  host     INTEGER NOT NULL,  -- text
  boot_id  TEXT,              -- NULL: not known (imported logs)
  start_ms INTEGER
);

-- Who. -1: not told or unset.
CREATE TABLE credential(
  id      INTEGER PRIMARY KEY,
  auid    INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,
  euid    INTEGER NOT NULL, egid INTEGER NOT NULL, session INTEGER NOT NULL,
  user    INTEGER,  -- text: name of euid
  auser   INTEGER,  -- text: name of auid
  tty     INTEGER,  -- text
  cgroup  INTEGER   -- text: path in the cgroup v2 tree at exec; NULL unknown
);

-- A process is (boot, pid, start). Ids of processes and images are of one series.
CREATE TABLE process(
  id           INTEGER PRIMARY KEY,
  boot         INTEGER NOT NULL,
  pid          INTEGER NOT NULL,
  start_ms     INTEGER NOT NULL,
  origin       INTEGER NOT NULL,  -- enum process_origin; + 16 when start_ms is only when it was first met
  parent_image INTEGER,           -- image the parent ran then; NULL unknown
  parent_pid   INTEGER,           -- only where parent_image is NULL
  ended        INTEGER,           -- ms after start_ms; from 100000000000 on, the time itself: read end_ms
  exit_code    INTEGER,           -- NULL: runs, or unknown
  signal       INTEGER,
  ns_pid       INTEGER,           -- pid in its own namespace; NULL unknown or the same
  end_ms       INTEGER AS (CASE WHEN ended < 100000000000 THEN start_ms + ended ELSE ended END)
);
CREATE INDEX process_parent ON process(parent_image);

-- Each exec opens a new image segment of its process. The first one has its process's id.
CREATE TABLE image(
  id           INTEGER PRIMARY KEY,
  of           INTEGER,  -- process; NULL: the one with this id. Find a process's images through this
  start_ms     INTEGER,  -- NULL: as its process
  origin       INTEGER NOT NULL,
  executable   INTEGER,  -- text
  comm         INTEGER,  -- text; NULL when it is the last name of executable (cut at 15 bytes)
  command_line INTEGER,  -- text: arguments joined with one space
  arg_lengths  BLOB,     -- varint lengths + 1 (0: missing), where splitting at spaces would not give the arguments
  cwd          INTEGER,  -- text
  credential   INTEGER,
  hash         INTEGER,  -- file_hash; NULL with the reason in hash_reason
  hash_reason  INTEGER,  -- enum hash_reason: 1 not hashed by this version, 2 gone, 3 too large, 4 unreadable, 5 the
                         -- recording ended before it was made, 6 too many at once
  script       INTEGER,  -- text: the script an interpreter was started for
  process      INTEGER AS (coalesce(of, id))
);
CREATE INDEX image_process ON image(of) WHERE of IS NOT NULL;

CREATE TABLE file_hash(
  id     INTEGER PRIMARY KEY,
  md5    BLOB,
  sha256 BLOB NOT NULL UNIQUE,
  size   INTEGER
);

-- id = time_ms << 14 | sequence: the key carries the time, in the order of the source.
-- When one millisecond is full (16,384 rows), rows spill into the next.
CREATE TABLE event(
  id      INTEGER PRIMARY KEY,
  action  INTEGER NOT NULL,
  image   INTEGER,   -- who; NULL the kernel or unknown
  object  INTEGER,   -- text; NULL for actions 100 and 102: as the image's executable
  serial  INTEGER,   -- audit serial; 0 none; NULL: see serial_base
  object2 INTEGER,   -- text
  result  INTEGER,   -- NULL 0
  port    INTEGER,
  port2   INTEGER,
  flags   INTEGER,
  count   INTEGER,   -- how many alike events the row stands for (recorder/store/collate.h); NULL 1
  span_ms INTEGER    -- time of the last of them - time of the first, which is in id; NULL 0
);

-- Audit serials of events from this id on, to the next row's: serial + ((event.id & 16383) >> 1) where event.serial is
-- NULL. Without a row up to that id there is none.
CREATE TABLE serial_base(
  id     INTEGER PRIMARY KEY,
  serial INTEGER NOT NULL
);

-- Where to look: (term, bucket) says that the image or text may have events with id >> 26 = bucket (about 4 s).
-- term = image * 2 or text * 2 + 1. Finds the few events of a rare value without an index entry an event.
-- The first bucket of a term has no row here, as most terms have no other. It is, for an image: its start_ms >> 12;
-- for a text: SELECT bucket FROM text_birth WHERE text <= ? ORDER BY text DESC LIMIT 1.
CREATE TABLE posting(
  term   INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  PRIMARY KEY(term, bucket)
) WITHOUT ROWID;

-- Rarely filled values of an event (logon type, source host, module signer, …): one row a value.
CREATE TABLE detail(
  event INTEGER NOT NULL,
  field INTEGER NOT NULL,  -- enum detail_field, recorder/event.h
  value INTEGER NOT NULL,  -- text
  PRIMARY KEY(event, field)
) WITHOUT ROWID;

-- Events per minute and action, kept while writing, so that an overview needs no scan. A collated row's events count in
-- the minute of its first.
CREATE TABLE rollup(
  minute INTEGER NOT NULL,  -- time_ms / 60000
  action INTEGER NOT NULL,
  count  INTEGER NOT NULL,  -- events
  rows   INTEGER,           -- rows of table event; NULL as many
  PRIMARY KEY(minute, action)
) WITHOUT ROWID;

-- Every loss is a row.
CREATE TABLE gap(
  id      INTEGER PRIMARY KEY,
  from_ms INTEGER NOT NULL,
  to_ms   INTEGER NOT NULL,
  cause   INTEGER NOT NULL,  -- enum gap_cause
  count   INTEGER            -- NULL unknown
);

-- What is left out on purpose, from that time to the next row's. Bits 1 << category. No row: nothing.
CREATE TABLE coverage(
  id       INTEGER PRIMARY KEY,
  from_ms  INTEGER NOT NULL,
  off      INTEGER NOT NULL,  -- kinds that are not recorded
  filtered INTEGER NOT NULL   -- kinds of which a filter leaves some out
);

-- Audit records by type: what was understood and what was only counted.
CREATE TABLE record_count(
  type    INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  count   INTEGER NOT NULL,
  used    INTEGER NOT NULL   -- how many took part in an event
);

-- The first records that could not be parsed, verbatim; how many there were in all: meta 'unparsed'.
CREATE TABLE unparsed(
  id      INTEGER PRIMARY KEY,
  time_ms INTEGER,
  reason  TEXT NOT NULL,
  line    BLOB NOT NULL
);

-- ---- for people ----

CREATE VIEW v_text AS
  SELECT t.id, t.kind,
         CASE WHEN t.dir IS NULL THEN t.value
              WHEN t.kind = 3 THEN
                (WITH RECURSIVE undo(done, todo, place) AS (
                   SELECT '', t.value, 0
                   UNION ALL
                   SELECT done || substr(d.value || done,
                                         place + unicode(todo) / 2 * (unicode(todo) % 2 * 2 - 1) + 1,
                                         unicode(substr(todo, 2, 1)) - 1)
                               || substr(todo, 4, unicode(substr(todo, 3, 1)) - 1),
                          substr(todo, 3 + unicode(substr(todo, 3, 1))),
                          place + unicode(todo) / 2 * (unicode(todo) % 2 * 2 - 1) + unicode(substr(todo, 2, 1)) - 1
                   FROM undo WHERE todo <> '')
                 SELECT done FROM undo WHERE todo = '')
              WHEN d.value = '/' THEN '/' || t.value
              ELSE d.value || '/' || t.value END AS value
  FROM text t LEFT JOIN text d ON d.id = t.dir;

CREATE VIEW v_process AS
  SELECT p.id, h.value AS host, p.pid,
         strftime('%Y-%m-%d %H:%M:%f', p.start_ms / 1000.0, 'unixepoch') AS start,
         strftime('%Y-%m-%d %H:%M:%f', p.end_ms / 1000.0, 'unixepoch') AS end,
         p.exit_code, p.signal, i.id AS image,
         e.value AS executable, c.value AS command_line, w.value AS cwd,
         k.uid, k.euid, k.auid, k.session, u.value AS user,
         s.value AS script, g.value AS cgroup, p.ns_pid,
         pi.process AS parent, coalesce(pp.pid, p.parent_pid) AS parent_pid
  FROM process p
  JOIN image i ON i.of = p.id OR (i.id = p.id AND i.of IS NULL)
  JOIN boot b ON b.id = p.boot
  LEFT JOIN text h ON h.id = b.host
  LEFT JOIN v_text e ON e.id = i.executable
  LEFT JOIN v_text c ON c.id = i.command_line
  LEFT JOIN v_text w ON w.id = i.cwd
  LEFT JOIN credential k ON k.id = i.credential
  LEFT JOIN text u ON u.id = k.user
  LEFT JOIN v_text s ON s.id = i.script
  LEFT JOIN text g ON g.id = k.cgroup
  LEFT JOIN image pi ON pi.id = p.parent_image
  LEFT JOIN process pp ON pp.id = pi.process;

CREATE VIEW v_event AS
  SELECT e.id, strftime('%Y-%m-%d %H:%M:%f', (e.id >> 14) / 1000.0, 'unixepoch') AS time,
         e.action, p.pid, x.value AS executable,
         coalesce(o.value, CASE WHEN e.action IN (100, 102) THEN x.value END) AS object, o2.value AS object2,
         coalesce(e.result, 0) AS result, e.port, e.port2,
         CASE WHEN e.serial IS NOT NULL THEN nullif(e.serial, 0)
              ELSE (SELECT b.serial + ((e.id & 16383) >> 1) FROM serial_base b WHERE b.id <= e.id
                    ORDER BY b.id DESC LIMIT 1) END AS serial,
         coalesce(e.count, 1) AS count
  FROM event e
  LEFT JOIN image i ON i.id = e.image
  LEFT JOIN process p ON p.id = i.process
  LEFT JOIN v_text x ON x.id = i.executable
  LEFT JOIN v_text o ON o.id = e.object
  LEFT JOIN v_text o2 ON o2.id = e.object2;
