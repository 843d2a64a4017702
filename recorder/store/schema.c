#include "recorder/store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/store/sql.h"

#define LIST_SCHEMA "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"

static const char *const versions[SCHEMA_VERSION + 1] = { [1] = schema_1_sql, [2] = schema_sql };

static int create(sqlite3 *db, int version)
{
	char mark[96];
	int r = sql_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
	         SCHEMA_APPLICATION_ID, version);
	r = sql_exec(db, versions[version]);
	if (r == 0)
		r = sql_exec(db, mark);
	if (r < 0)
		sql_exec(db, "ROLLBACK");
	return r;
}

int schema_create(sqlite3 *db)
{
	return create(db, SCHEMA_VERSION);
}

/* An empty database of that version, to compare with. */
static int open_model(int version, sqlite3 **ret)
{
	sqlite3 *model = NULL;
	int r = version < 1 || version > SCHEMA_VERSION ? -EPROTONOSUPPORT : sql_error(sqlite3_open(":memory:", &model));

	if (r == 0)
		r = create(model, version);
	if (r < 0)
		sqlite3_close(model);
	else
		*ret = model;
	return r;
}

/* ---- migrations ---- */

/* Gives one entry of the model to the database: in other words, where it has it, else as a new table or view. */
static int tell(sqlite3 *db, sqlite3_stmt *entry, sqlite3_stmt *change)
{
	const char *words;
	int r = 0;

	for (int i = 0; i < 3 && r == 0; i++)
		r = sql_error(sqlite3_bind_value(change, i + 1, sqlite3_column_value(entry, i == 2 ? 3 : i)));
	if (r == 0) /* what could not be bound would be NULL */
		r = sql_run(change);
	if (r < 0 || sqlite3_changes(db) > 0)
		return r;
	if (sqlite3_column_type(entry, 3) == SQLITE_NULL)
		return 0;
	words = (const char *)sqlite3_column_text(entry, 3);
	return words ? sql_exec(db, words) : -ENOMEM;
}

static int tell_all(sqlite3 *db, sqlite3 *model)
{
	AUTO_STMT *list = NULL, *change = NULL;
	int code = SQLITE_DONE;
	int r = sql_prepare(model, LIST_SCHEMA, &list);

	if (r == 0)
		r = sql_prepare(db, "UPDATE sqlite_schema SET sql = ?3 WHERE type = ?1 AND name = ?2", &change);
	while (r == 0 && (code = sqlite3_step(list)) == SQLITE_ROW)
		r = tell(db, list, change);
	return r == 0 ? sql_error(code) : r;
}

/* Version 2 says more of the same tables: what was written before is as version 2 may write it too, in the same columns
 * and indexes. So only the words change, at once however large the database is, as "ALTER TABLE" in SQLite's manual has
 * it for changes that do not touch the content. */
static int to_version_2(sqlite3 *db)
{
	sqlite3 *model = NULL;
	int64_t cookie = 0;
	char mark[64];
	int r = open_model(2, &model);

	if (r == 0)
		r = sql_int64(db, "PRAGMA schema_version", &cookie);
	if (r == 0)
		r = sql_exec(db, "PRAGMA writable_schema = 1");
	if (r == 0)
		r = tell_all(db, model);
	snprintf(mark, sizeof(mark), "PRAGMA schema_version = %lld", (long long)cookie + 1);
	if (r == 0)
		r = sql_exec(db, mark);
	sql_exec(db, "PRAGMA writable_schema = 0");
	sqlite3_close(model);
	return r;
}

/* A later version adds its step here, and keeps the schema.sql before it as schema-N.sql. */
const struct schema_migration schema_migrations[] = { { 1, to_version_2 } };
const size_t schema_n_migrations = sizeof(schema_migrations) / sizeof(*schema_migrations);

static int migrate_step(sqlite3 *db, const struct schema_migration *steps, size_t n, int version)
{
	char mark[64];
	size_t i = 0;
	int r;

	while (i < n && steps[i].from != version)
		i++;
	if (i == n)
		return -EPROTONOSUPPORT;
	r = steps[i].run(db);
	if (r < 0)
		return r;
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d", version + 1);
	return sql_exec(db, mark);
}

int schema_migrate(sqlite3 *db, const struct schema_migration *steps, size_t n, int target)
{
	int64_t version;
	int r = sql_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = sql_int64(db, "PRAGMA user_version", &version);
	if (r == 0 && version > target)
		r = -EPROTONOSUPPORT;
	for (; r == 0 && version < target; version++)
		r = migrate_step(db, steps, n, (int)version);
	if (r == 0)
		r = sql_exec(db, "COMMIT");
	if (r < 0)
		sql_exec(db, "ROLLBACK");
	return r;
}

int schema_show_as_current(sqlite3 *db, int version)
{
	if (version == SCHEMA_VERSION)
		return 0;
	return sql_exec(db, "CREATE TEMP VIEW image AS SELECT *, process AS of FROM main.image;"
	                    "CREATE TEMP VIEW process AS SELECT *, end_ms AS ended FROM main.process;"
	                    "CREATE TEMP VIEW serial_base AS SELECT 0 AS id, 0 AS serial WHERE 0");
}

/* ---- checks ---- */

static uint32_t read_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Offsets: "The Database Header" in SQLite's fileformat2 document. */
int schema_check_header(const unsigned char *header, size_t n, int *ret_version, const char **ret_what)
{
	enum { AT_USER_VERSION = 60, AT_APPLICATION_ID = 68, HEADER_SIZE = 100 };
	uint32_t version;

	if (n == 0) {
		*ret_what = "it is empty";
		return -ENOTSUP;
	}
	if (n < 16 || memcmp(header, "SQLite format 3", 16) != 0) {
		*ret_what = "it is not a database";
		return -ENOTSUP;
	}
	if (n < HEADER_SIZE) {
		*ret_what = "it is cut off in its header";
		return -EBADMSG;
	}
	if (read_be32(header + AT_APPLICATION_ID) != SCHEMA_APPLICATION_ID) {
		*ret_what = "it is a database of something else, not a recording";
		return -EBADMSG;
	}
	version = read_be32(header + AT_USER_VERSION);
	if (version > SCHEMA_VERSION && version <= INT32_MAX) {
		*ret_what = "it was written by a newer version of Spoor";
		return -EPROTONOSUPPORT;
	}
	if (version == 0 || version > INT32_MAX) {
		*ret_what = "its schema version makes no sense";
		return -EBADMSG;
	}
	*ret_version = (int)version;
	return 0;
}

/* The next row as one text "type name tbl_name sql", malloc'd; NULL past the end. */
static int next_entry(sqlite3_stmt *s, char **ret)
{
	int code = sqlite3_step(s);

	if (code == SQLITE_DONE) {
		*ret = NULL;
		return 0;
	}
	if (code != SQLITE_ROW)
		return sql_error(code);
	*ret = sqlite3_mprintf("%s %s\n%s\n%s", sqlite3_column_text(s, 0), sqlite3_column_text(s, 1),
	                       sqlite3_column_text(s, 2), sqlite3_column_text(s, 3));
	return *ret ? 0 : -ENOMEM;
}

/* "table event differs": in words, from the first entries that are not the same. */
static char *name_difference(const char *ours, const char *theirs)
{
	const char *which = theirs ? theirs : ours, *verdict = "does not belong there";
	char *what = NULL;
	int order = !ours ? 1 : !theirs ? -1 : strncmp(ours, theirs, strcspn(ours, "\n") + 1);

	if (order == 0) {
		verdict = "differs";
	} else if (order < 0) {
		verdict = "is missing";
		which = ours;
	}
	if (asprintf(&what, "%.*s %s", (int)strnlen(which, strcspn(which, "\n") < 80 ? strcspn(which, "\n") : 80), which,
	             verdict) < 0)
		return NULL;
	return what;
}

static int compare_lists(sqlite3_stmt *ours, sqlite3_stmt *theirs, char **ret_what)
{
	char *a = NULL, *b = NULL;
	int r;

	do {
		sqlite3_free(a);
		sqlite3_free(b);
		a = b = NULL;
		r = next_entry(ours, &a);
		if (r == 0)
			r = next_entry(theirs, &b);
		if (r == 0 && (!a != !b || (a && strcmp(a, b) != 0))) {
			*ret_what = name_difference(a, b);
			r = -EBADMSG;
		}
	} while (r == 0 && a);
	sqlite3_free(a);
	sqlite3_free(b);
	return r;
}

int schema_check(sqlite3 *db, int version, char **ret_what)
{
	AUTO_STMT *ours = NULL, *theirs = NULL;
	sqlite3 *model = NULL;
	char *what = NULL;
	int r = open_model(version, &model);

	if (r == 0)
		r = sql_prepare(model, LIST_SCHEMA, &ours);
	if (r == 0)
		r = sql_prepare(db, LIST_SCHEMA, &theirs);
	if (r == 0)
		r = compare_lists(ours, theirs, &what);
	if (r < 0)
		*ret_what = what;
	sqlite3_finalize(ours);
	ours = NULL;
	sqlite3_close(model);
	return r;
}
