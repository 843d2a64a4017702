/* schema: versions of monitor.db and the way from one to the next. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCHEMA_APPLICATION_ID = 0x53504f52, SCHEMA_VERSION = 2 };

/* The text of schema.sql, and those of earlier versions: schema-N.sql, never changed again. */
extern const char schema_sql[], schema_1_sql[];

/* One step: turns version `from` into `from` + 1, within a transaction. 0 or as sql_error. */
struct schema_migration {
	int from;
	int (*run)(sqlite3 *db);
};
/* Every migration in order. */
extern const struct schema_migration schema_migrations[];
extern const size_t schema_n_migrations;

/* Makes all tables in an empty database and marks it as ours. 0 or as sql_error. */
int schema_create(sqlite3 *db);
/* Takes the database to `target`, all steps in one transaction: after a failure it is as it was. The connection still
 * goes by the old schema afterwards: close it.
 * 0, -EPROTONOSUPPORT when it is newer or a step is missing, or as sql_error. */
int schema_migrate(sqlite3 *db, const struct schema_migration *steps, size_t n, int target);

/* What the first 100 bytes of a file say it is. 0: ours, with *ret_version; -ENOTSUP: not a database; -EBADMSG: a
 * database of something else; -EPROTONOSUPPORT: ours and newer. *ret_what: static text for people. */
int schema_check_header(const unsigned char *header, size_t n, int *ret_version, const char **ret_what);
/* Does the database have exactly the tables, indexes and views of that version, and nothing else? 0, -EBADMSG when
 * not (*ret_what names the first difference, malloc'd, may be NULL), or as sql_error. */
int schema_check(sqlite3 *db, int version, char **ret_what);
/* For reading a database of an earlier version: views in `temp` that hide its tables and show them as this version's. */
int schema_show_as_current(sqlite3 *db, int version);
