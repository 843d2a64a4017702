#include "server/depot-private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

extern const char server_schema_sql[];

static int bind_one(sqlite3_stmt *s, int at, char type, va_list *args)
{
	int64_t number;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(s, at, va_arg(*args, int64_t));
	case 'z':
		number = va_arg(*args, int64_t);
		return number ? sqlite3_bind_int64(s, at, number) : sqlite3_bind_null(s, at);
	case 'h':
		return sqlite3_bind_blob(s, at, va_arg(*args, const void *), DEPOT_TOKEN_HASH, SQLITE_STATIC);
	default:
		return sqlite3_bind_text(s, at, va_arg(*args, const char *), -1, SQLITE_STATIC);
	}
}

static int prepare(struct depot *d, sqlite3_stmt **ret, const char *sql, const char *types, va_list *args)
{
	AUTO_STMT *s = NULL;
	int r = sql_prepare(d->db, sql, &s);

	for (int i = 0; r == 0 && types[i]; i++)
		r = sql_error(bind_one(s, i + 1, types[i], args));
	if (r == 0)
		*ret = STEAL(s);
	return r;
}

int depot_prepare(struct depot *d, sqlite3_stmt **ret, const char *sql, const char *types, ...)
{
	va_list args;
	int r;

	va_start(args, types);
	r = prepare(d, ret, sql, types, &args);
	va_end(args);
	return r;
}

int depot_run(struct depot *d, const char *sql, const char *types, ...)
{
	AUTO_STMT *s = NULL;
	va_list args;
	int r;

	va_start(args, types);
	r = prepare(d, &s, sql, types, &args);
	va_end(args);
	if (r == 0)
		r = sql_run(s);
	if (r == -EINVAL && sqlite3_extended_errcode(d->db) == SQLITE_CONSTRAINT_UNIQUE)
		return -EEXIST;
	return r;
}

int depot_changed(struct depot *d, int r, int64_t id, int64_t *ret_id)
{
	if (r < 0)
		return r;
	if (sqlite3_changes(d->db) == 0)
		return -ENOENT;
	if (ret_id)
		*ret_id = id ? id : sqlite3_last_insert_rowid(d->db);
	return 0;
}

const char *depot_text(sqlite3_stmt *s, int at)
{
	const char *text = (const char *)sqlite3_column_text(s, at);

	return text ? text : "";
}

int depot_rows(sqlite3_stmt *s, int (*row)(sqlite3_stmt *s, void *data), void *data)
{
	int code, r;

	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		r = row(s, data);
		if (r != 0)
			return r;
	}
	return sql_error(code);
}

/* ---- opening ---- */

static int create(sqlite3 *db)
{
	char mark[96];
	int r = sql_exec(db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", DEPOT_APPLICATION_ID,
	         DEPOT_VERSION);
	r = sql_exec(db, server_schema_sql);
	if (r == 0)
		r = sql_exec(db, mark);
	if (r < 0)
		sql_exec(db, "ROLLBACK");
	return r;
}

/* 0 ours; -ENOENT nothing in it yet; -EPROTONOSUPPORT of a later version; -EBADMSG something else. */
static int look(sqlite3 *db)
{
	int64_t application = 0, version = 0, entries = 0;
	int r = sql_int64(db, "PRAGMA application_id", &application);

	if (r == 0)
		r = sql_int64(db, "PRAGMA user_version", &version);
	if (r == 0)
		r = sql_int64(db, "SELECT count(*) FROM sqlite_schema", &entries);
	if (r < 0)
		return r;
	if (application == 0 && version == 0 && entries == 0)
		return -ENOENT;
	if (application != DEPOT_APPLICATION_ID || version < 1)
		return -EBADMSG;
	return version > DEPOT_VERSION ? -EPROTONOSUPPORT : 0;
}

static int prepare_file(sqlite3 *db, bool make, const char **ret_why)
{
	int r;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, 5000);
	r = look(db);
	if (r == -ENOENT && make) {
		r = sql_exec(db, "PRAGMA journal_mode = WAL");
		if (r == 0)
			r = create(db);
	} else if (r == -ENOENT) {
		*ret_why = "it is empty: run setup first";
	} else if (r == -EBADMSG) {
		*ret_why = "not a database of spoor-server, or damaged";
	} else if (r == -EPROTONOSUPPORT) {
		*ret_why = "a later version of spoor-server made it";
	}
	if (r == 0)
		r = sql_exec(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
	return r;
}

int depot_open(const char *path, bool make, struct depot **ret, char **ret_error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | (make ? SQLITE_OPEN_CREATE : 0);
	struct depot *d = calloc(1, sizeof(*d));
	const char *why = NULL;
	AUTO_BUF line = BUF_INIT;
	int r = -ENOMEM;

	if (d)
		r = sql_error(sqlite3_open_v2(path, &d->db, flags, NULL));
	if (r == 0)
		r = prepare_file(d->db, make, &why);
	if (r == 0) {
		*ret = d;
		return 0;
	}
	buf_printf(&line, "%s: %s", path, why ? why : strerror(-r));
	*ret_error = buf_steal(&line);
	depot_close(d);
	return r;
}

void depot_close(struct depot *d)
{
	if (!d)
		return;
	sqlite3_close(d->db);
	free(d);
}

int depot_changes(struct depot *d, int64_t *ret)
{
	return sql_int64(d->db, "PRAGMA data_version", ret);
}

int depot_delete(struct depot *d, enum depot_table what, int64_t id)
{
	int r;

	if (what == DEPOT_AN_ENDPOINT)
		r = depot_run(d, "DELETE FROM endpoint WHERE id = ?", "i", id);
	else
		r = depot_run(d, "DELETE FROM token WHERE kind = ? AND id = ?", "ii",
		              (int64_t)(what == DEPOT_A_LOGIN_TOKEN ? DEPOT_LOGIN : DEPOT_ENROL), id);
	return depot_changed(d, r, id, NULL);
}
