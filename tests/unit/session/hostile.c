#include "tests/unit/session/hostile.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/store/schema.h"

/* Processes 1 to 4, each the parent of the next, two images of the second, 40 events in two minutes. */
static const char sound[] =
	"INSERT INTO meta VALUES('text_key', x'00112233445566778899aabbccddeeff'), ('unparsed', 1);"
	"INSERT INTO text VALUES(1, 0, NULL, 'web-03'), (2, 2, NULL, '/usr/bin'), (3, 1, 2, 'bash'), (4, 3, NULL, 'bash -l'),"
	" (5, 1, 2, 'curl'), (6, 3, NULL, 'curl -s http://x/'), (7, 4, NULL, '10.1.2.3'), (8, 0, NULL, 'root');"
	"INSERT INTO text_birth VALUES(1, 390625000);"
	"INSERT INTO boot VALUES(1, 1, 'boot', 1600000000000);"
	"INSERT INTO credential VALUES(1, 0, 0, 0, 0, 0, 1, 8, 8, NULL, NULL);"
	"INSERT INTO process(id, boot, pid, start_ms, origin, parent_image, parent_pid, ended, exit_code, signal)"
	" VALUES(1, 1, 100, 1600000000000, 0, NULL, 1, NULL, NULL, NULL),"
	" (2, 1, 101, 1600000000100, 0, 1, NULL, 1600000100000, 0, NULL),"
	" (3, 1, 102, 1600000000200, 0, 2, NULL, NULL, NULL, NULL), (4, 1, 103, 1600000000300, 0, 4, NULL, NULL, NULL, NULL);"
	"INSERT INTO image(id, of, start_ms, origin, executable, command_line, credential)"
	" VALUES(1, 1, 1600000000000, 0, 3, 4, 1), (2, 2, 1600000000100, 0, 3, 4, 1), (3, 2, 1600000000150, 0, 5, 6, 1),"
	" (4, 3, 1600000000200, 0, 5, 6, 1), (5, 4, 1600000000300, 0, 5, 6, 1);"
	"WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)"
	" INSERT INTO event(id, action, image, object) SELECT (1600000000300 + i * 3000) << 14,"
	" CASE WHEN i % 4 = 3 THEN 301 ELSE 200 END, 1 + i % 5, CASE WHEN i % 4 = 3 THEN 7 ELSE 5 END FROM n;"
	"INSERT INTO rollup SELECT (id >> 14) / 60000, action, count(*), NULL FROM event GROUP BY 1, 2;"
	"INSERT OR IGNORE INTO posting SELECT image * 2, id >> 26 FROM event;"
	"INSERT OR IGNORE INTO posting SELECT object * 2 + 1, id >> 26 FROM event;"
	"INSERT INTO gap VALUES(1, 1600000010000, 1600000011000, 1, 7);"
	"INSERT INTO record_count VALUES(1300, 'SYSCALL', 40, 40);"
	"INSERT INTO unparsed VALUES(1, NULL, 'no type', x'6f64640aff');";

#define CHANGED "its schema was changed"
#define MANY(n) "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " #n ") "
#define SCHEMA(what) "PRAGMA writable_schema = 1; " what "; PRAGMA writable_schema = 0"
#define LEAST "-9223372036854775808"
#define MOST "9223372036854775807"
#define LONG(n) "printf('%.*c', " #n ", 'a')"

const struct hostile hostile_all[] = {
	{ "sound", NULL, NULL, NULL },

	/* ---- the schema ---- */
	{ "a view by the name of a table", "DROP TABLE gap; CREATE VIEW gap AS SELECT 1 AS id, 0 AS from_ms, 1 AS to_ms, "
	  "1 AS cause, 1 AS count", CHANGED, NULL },
	{ "an endless view by the name of a table", "DROP TABLE gap; CREATE VIEW gap AS WITH n(id) AS (SELECT 1 UNION ALL "
	  "SELECT id + 1 FROM n) SELECT id, id AS from_ms, id AS to_ms, 1 AS cause, 1 AS count FROM n", CHANGED, NULL },
	{ "a documented view that is endless", "DROP VIEW v_text; CREATE VIEW v_text AS WITH n(id) AS (SELECT 1 UNION ALL "
	  "SELECT id + 1 FROM n) SELECT id, 1 AS kind, 'x' AS value FROM n", CHANGED, NULL },
	{ "a trigger", "CREATE TRIGGER t AFTER INSERT ON gap BEGIN DELETE FROM event; END", CHANGED, NULL },
	{ "a generated column", "ALTER TABLE gap ADD COLUMN x AS (abs(from_ms))", CHANGED, NULL },
	{ "a table without row ids", "DROP TABLE gap; CREATE TABLE gap(id INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL, "
	  "to_ms INTEGER NOT NULL, cause INTEGER NOT NULL, count INTEGER) WITHOUT ROWID", CHANGED, NULL },
	{ "a table more", "CREATE TABLE more(x)", CHANGED, NULL },
	{ "a table less", "DROP TABLE gap", CHANGED, NULL },
	{ "an index of an expression", "CREATE INDEX more ON text(upper(value))", CHANGED, NULL },
	{ "statistics", "ANALYZE", CHANGED, NULL },
	{ "a table of a module", SCHEMA("INSERT INTO sqlite_schema VALUES('table', 'v', 'v', 0, "
	  "'CREATE VIRTUAL TABLE v USING fts5(x)')"), CHANGED, NULL },
	{ "a table twice", SCHEMA("INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema "
	  "WHERE name = 'gap'"), "", NULL },
	{ "a table in another's place", SCHEMA("UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
	  "WHERE name = 'posting') WHERE name = 'event'"), "", NULL },
	{ "two tables in one place", SCHEMA("UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
	  "WHERE name = 'text') WHERE name = 'event'"), "damaged", NULL },
	{ "a table in the schema's place", SCHEMA("UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'event'"), "", NULL },
	{ "a default that calls a function", SCHEMA("UPDATE sqlite_schema SET sql = replace(sql, 'count  INTEGER NOT NULL', "
	  "'count  INTEGER DEFAULT (load_extension(''x''))') WHERE name = 'rollup'"), CHANGED, NULL },
	{ "an order that is not known", SCHEMA("UPDATE sqlite_schema SET sql = replace(sql, 'name    TEXT', "
	  "'name    TEXT COLLATE x') WHERE name = 'record_count'"), CHANGED, NULL },
	{ "text in UTF-16", NULL, "not UTF-8", "PRAGMA encoding = 'UTF-16le'" },
	{ "another application", "PRAGMA application_id = 7", "something else", NULL },
	{ "a newer version", "PRAGMA user_version = 1000000", "newer", NULL },
	{ "a version before the first", "PRAGMA user_version = -1", "makes no sense", NULL },

	/* ---- values of other types ---- */
	{ "blobs for numbers", "UPDATE event SET image = x'ff', object = x'00', result = x'ff00', count = zeroblob(9), span_ms = "
	  "x'ff'; UPDATE image SET executable = x'ff', credential = x'ff', origin = x'ff'", NULL, NULL },
	{ "text for numbers", "UPDATE event SET image = 'one', object = '5', port = '=cmd', count = 'many'; "
	  "UPDATE process SET ended = 'never', pid = 'x', start_ms = 'x', parent_image = 'x'", NULL, NULL },
	{ "numbers for texts", "UPDATE text SET value = id; UPDATE unparsed SET line = 7, reason = 8; "
	  "UPDATE meta SET value = 7", NULL, NULL },
	{ "fractions", "UPDATE event SET object = 1e300, object2 = 5.5, count = 9e999, port = -1e300; "
	  "UPDATE process SET start_ms = 1e300, ended = -1e300", NULL, NULL },
	{ "blobs for texts", "UPDATE text SET value = x'fffe00c3'; UPDATE text SET value = x'' WHERE id = 5", NULL, NULL },
	{ "zeros in texts", "UPDATE text SET value = CAST(x'610062' AS TEXT); UPDATE record_count SET name = "
	  "CAST(x'0061' AS TEXT)", NULL, NULL },
	{ "text for blobs", "UPDATE image SET arg_lengths = 'bad'; INSERT INTO file_hash VALUES(1, 'm', 'nothing', 1); "
	  "UPDATE image SET hash = 1; UPDATE unparsed SET line = 'text'", NULL, NULL },
	{ "a long hash", "INSERT INTO file_hash VALUES(1, zeroblob(1000000), zeroblob(1000000), 1); "
	  "UPDATE image SET hash = 1", NULL, NULL },

	/* ---- numbers at their ends ---- */
	{ "ids below zero", "UPDATE event SET id = -id; UPDATE text SET id = -id; UPDATE image SET id = -id; "
	  "UPDATE process SET id = -id; UPDATE image SET of = -of; UPDATE event SET image = -image", NULL, NULL },
	{ "ids at both ends", "INSERT INTO event(id, action, image, object) VALUES(" MOST ", 200, " MOST ", " MOST "), "
	  "(" LEAST ", 200, " LEAST ", " LEAST "); INSERT INTO text VALUES(" MOST ", 1, " MOST ", 'x'), (" LEAST ", 1, 2, 'y');"
	  "INSERT INTO image(id, of, start_ms, origin) VALUES(" MOST ", " MOST ", 0, 0), (" LEAST ", " LEAST ", 0, 0);"
	  "INSERT INTO process(id, boot, pid, start_ms, origin) VALUES(" MOST ", 1, " MOST ", " MOST ", " MOST "), "
	  "(" LEAST ", 1, " LEAST ", " LEAST ", " LEAST "); INSERT INTO text_birth VALUES(" MOST ", " MOST "), "
	  "(" LEAST ", " LEAST ")", NULL, NULL },
	{ "ids as far apart as sets reach", "UPDATE image SET id = 2147483000 WHERE id = 5; UPDATE text SET id = 2147483000 "
	  "WHERE id = 7", NULL, NULL },
	{ "times at both ends", "UPDATE process SET start_ms = " LEAST ", ended = " MOST "; UPDATE image SET start_ms = " MOST "; "
	  "UPDATE event SET span_ms = " MOST ", result = " LEAST ", port = " MOST ", flags = " LEAST ", serial = " LEAST "; "
	  "UPDATE boot SET start_ms = " LEAST, NULL, NULL },
	{ "lives that end before they start", "UPDATE process SET start_ms = 1600000100000, ended = -5; "
	  "UPDATE image SET start_ms = 1600000200000 - start_ms", NULL, NULL },
	{ "counts below zero", "UPDATE event SET count = -5, span_ms = -5; UPDATE record_count SET count = -1, used = " LEAST "; "
	  "UPDATE meta SET value = -1 WHERE key = 'unparsed'", NULL, NULL },
	{ "gaps that make no sense", "INSERT INTO gap VALUES(2, 1600000050000, 1600000040000, 1, 1), "
	  "(3, " MOST ", " LEAST ", -1, -9), (4, " LEAST ", " MOST ", " LEAST ", " LEAST "), (5, 1, 2, 'x', 'y'), "
	  "(6, 1, 2, 4294967295, 1)", NULL, NULL },
	{ "actions that do not exist", "UPDATE event SET action = " MOST " WHERE id % 3 = 0; UPDATE event SET action = -200 "
	  "WHERE id % 3 = 1; INSERT OR REPLACE INTO rollup SELECT (id >> 14) / 60000, action, count(*), NULL FROM event "
	  "GROUP BY 1, 2", NULL, NULL },
	{ "a different action a row", "DELETE FROM event; " MANY(200000) "INSERT INTO event(id, action) SELECT "
	  "1600000000000 * 16384 + i, 1000 + i FROM n", NULL, NULL },
	{ "signals and exits of all numbers", "UPDATE event SET action = 101, result = -2147483649, port = 99999999999; "
	  "UPDATE process SET exit_code = " LEAST ", signal = " MOST, NULL, NULL },

	/* ---- what refers to what ---- */
	{ "directories in a circle", "UPDATE text SET dir = 3 WHERE id = 2; UPDATE text SET dir = 2, value = '' WHERE id = 3; "
	  "UPDATE text SET dir = 5 WHERE id = 5", NULL, NULL },
	{ "its own parent", "UPDATE process SET parent_image = (SELECT min(id) FROM image WHERE process = process.id)",
	  NULL, NULL },
	{ "parents in a circle", "UPDATE process SET parent_image = 5 WHERE id = 1", NULL, NULL },
	{ "one image of every process", "UPDATE image SET of = 1", NULL, NULL },
	{ "nothing that is referred to", "DELETE FROM text; DELETE FROM process; DELETE FROM credential; DELETE FROM boot; "
	  "DELETE FROM meta", NULL, NULL },
	{ "no image", "DELETE FROM image", NULL, NULL },
	{ "no event", "DELETE FROM event", NULL, NULL },

	{ "deltas of themselves and of each other", "UPDATE text SET dir = 9 - id, value = char(1, 90, 1) WHERE kind = 3; "
	  "UPDATE text SET dir = 6 WHERE id = 6", NULL, NULL },
	{ "deltas of what is no command line", "UPDATE text SET dir = 2, value = char(1, 3, 5) || 'abcd' WHERE kind = 3", NULL,
	  NULL },
	{ "deltas that grow without end", "INSERT INTO text VALUES(9, 3, NULL, " LONG(8000) "); UPDATE text SET dir = 9, value = "
	  "replace(" LONG(300000) ", 'a', char(1, 8001, 1)) WHERE id = 6", NULL, NULL },
	{ "deltas of 30 MB", "UPDATE text SET value = " LONG(30000000) " WHERE id = 4; UPDATE text SET dir = 4 WHERE id = 6", NULL,
	  NULL },
	{ "no image with its process's id", "UPDATE image SET of = id + 1", NULL, NULL },
	{ "images without a time", "UPDATE image SET start_ms = NULL; DELETE FROM process WHERE id = 2", NULL, NULL },

	/* ---- what is kept beside the events ---- */
	{ "serials that lie", "UPDATE event SET serial = NULL; INSERT INTO serial_base VALUES(" LEAST ", " MOST "), "
	  "(0, " LEAST "), (1600000020000 * 16384, 'x'), (" MOST ", " MOST ")", NULL, NULL },
	{ "serials without number", "UPDATE event SET serial = NULL; INSERT INTO serial_base SELECT i, i FROM (" MANY(300000)
	  "SELECT i FROM n)", NULL, NULL },
	{ "sums that lie", "UPDATE rollup SET count = 4000000000000; INSERT INTO rollup VALUES(0, 200, -7, 5), (-5, 200, 7, -5), "
	  "(" MOST ", 200, 7, " MOST "), (26666667, " MOST ", 3, 1), (26666667, 'x', 3, 'x')", NULL, NULL },
	{ "sums beyond all numbers", "UPDATE rollup SET count = " MOST, NULL, NULL },
	{ "rows that stand for too many", "UPDATE event SET count = " MOST ", span_ms = " MOST " WHERE id % 3 = 0; "
	  "UPDATE event SET count = 1000000, span_ms = 600000 WHERE id % 3 = 1; UPDATE event SET count = -7, span_ms = -7 "
	  "WHERE id % 3 = 2", NULL, NULL },
	{ "postings that lie", "DELETE FROM posting; INSERT INTO posting VALUES(2, " MOST "), (2, " LEAST "), (2, -1), "
	  "(2, 137438953471), (11, 'x'), (11, x'ff')", NULL, NULL },
	{ "postings without number", "INSERT OR IGNORE INTO posting SELECT 11, i FROM ("
	  MANY(300000) "SELECT i FROM n)", NULL, NULL },
	{ "an index of texts that lies", "INSERT INTO text_hash SELECT i, randomblob(3000) FROM (" MANY(16383)
	  "SELECT i FROM n); UPDATE text_birth SET bucket = " MOST, NULL, NULL },
	{ "no key for the texts", "UPDATE meta SET value = 'short' WHERE key = 'text_key'", NULL, NULL },

	/* ---- too much ---- */
	{ "a thousand long lines that were not understood", "DELETE FROM unparsed; INSERT INTO unparsed SELECT i, 1, "
	  LONG(300000) ", zeroblob(300000) FROM (" MANY(1000) "SELECT i FROM n)", NULL, NULL },
	{ "long names of record types", "INSERT INTO record_count SELECT i, " LONG(30000) ", i, i FROM (" MANY(9000)
	  "SELECT i FROM n WHERE i <> 1300)", NULL, NULL },
	{ "more gaps than anybody has", "INSERT INTO gap SELECT i + 10, 1600000000000 - i * 10, 1600000000005 - i * 10, 1, 1 "
	  "FROM (" MANY(100000) "SELECT i FROM n)", NULL, NULL },
	{ "an image an instant", "INSERT INTO image(id, of, start_ms, origin, executable, command_line, credential) "
	  "SELECT i + 10, 2, 1600000001000 + i, 0, 5, 6, 1 FROM (" MANY(150000) "SELECT i FROM n)", NULL, NULL },
	{ "arguments without number", "UPDATE text SET value = replace(" LONG(2000000) ", 'a', ' ') WHERE id = 6; "
	  "INSERT INTO image(id, of, start_ms, origin, executable, command_line, credential) "
	  "SELECT i + 10, 2, 1600000001000 + i, 0, 5, 6, 1 FROM (" MANY(300) "SELECT i FROM n)", NULL, NULL },
	{ "children without number", "INSERT INTO process(id, boot, pid, start_ms, origin, parent_image) SELECT i + 10, 1, i, "
	  "1600000000500, 0, 2 FROM (" MANY(30000) "SELECT i FROM n); INSERT INTO image(id, of, start_ms, origin, "
	  "executable, command_line) SELECT i + 10, i + 10, 1600000000500, 0, 5, 6 FROM (" MANY(30000) "SELECT i FROM n)",
	  NULL, NULL },
	{ "children with a long name", "UPDATE text SET value = " LONG(1000000) " WHERE id IN (2, 5, 6, 8); "
	  "INSERT INTO process(id, boot, pid, start_ms, origin, parent_image) SELECT i + 10, 1, i, "
	  "1600000000500, 0, 2 FROM (" MANY(3000) "SELECT i FROM n); INSERT INTO image(id, of, start_ms, origin, "
	  "executable, command_line, credential) SELECT i + 10, i + 10, 1600000000500, 0, 5, 6, 1 FROM (" MANY(3000)
	  "SELECT i FROM n)", NULL, NULL },
	{ "rows that share a long text", "UPDATE text SET value = " LONG(1000000) " || char(1) WHERE id = 6; " MANY(5000)
	  "INSERT INTO event(id, action, image, object, object2) SELECT 1600000200000 * 16384 + i, 200, 3, 6, 6 "
	  "FROM n", NULL, NULL },
	{ "a text of 100 MB", "UPDATE text SET value = CAST(zeroblob(100000000) AS TEXT) WHERE id IN (2, 6)", NULL, NULL },
	{ "a text of 100 MB for a number", "UPDATE event SET object = CAST(zeroblob(100000000) AS TEXT) "
	  "WHERE id = (SELECT min(id) FROM event)", "damaged", NULL },
	{ "a line of 100 MB", "UPDATE unparsed SET line = zeroblob(100000000)", NULL, NULL },
	{ "texts just within the limits", "UPDATE text SET value = replace(" LONG(30000000) ", 'a', char(1)) WHERE id IN (2, 6)",
	  NULL, NULL },

	/* ---- what is dangerous to show ---- */
	{ "markup, formulas, controls", "UPDATE text SET value = '<b>x</b>&amp;<span foreground=\"red\">' WHERE id = 8; "
	  "UPDATE text SET value = '=cmd|''/c calc''!A1' WHERE id = 6; UPDATE text SET value = char(27) || ']0;x' || char(7) || "
	  "char(8238) || 'gpj.exe' || char(155) || '2J' WHERE id = 5; UPDATE text SET value = char(65308) || 'x' WHERE id = 1; "
	  "UPDATE record_count SET name = '<b>' || char(27) || '[2J'; UPDATE unparsed SET reason = '<b>&' || char(8238)",
	  NULL, NULL },
};
const size_t hostile_n = ARRAY_LEN(hostile_all);

static void run(sqlite3 *db, const struct hostile *h, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK)
		return;
	fprintf(stderr, "%s: %s\n", h->name, error);
	exit(1);
}

void hostile_make(const struct hostile *h, const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
		exit(1);
	}
	run(db, h, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
	if (h->pragma)
		run(db, h, h->pragma);
	if (schema_create(db) < 0) {
		fprintf(stderr, "%s: no schema\n", path);
		exit(1);
	}
	run(db, h, "BEGIN");
	run(db, h, sound);
	run(db, h, "COMMIT");
	if (h->sql)
		run(db, h, h->sql);
	sqlite3_close(db);
}
