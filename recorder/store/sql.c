#include "recorder/store/sql.h"

#include <errno.h>

#include "agent/base/text.h"

int sql_error(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_TOOBIG:
		return -EBADMSG;
	case SQLITE_INTERRUPT:
	case SQLITE_ABORT:
		return -ECANCELED;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_MISUSE:
		return -EINVAL;
	default:
		return -EIO;
	}
}

int sql_exec(sqlite3 *db, const char *sql)
{
	return sql_error(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
	sqlite3_stmt *s = NULL;
	int r = sql_error(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL));

	if (r < 0)
		return r;
	*ret = s;
	return 0;
}

int sql_int64(sqlite3 *db, const char *sql, int64_t *ret)
{
	AUTO_STMT *s = NULL;
	int r = sql_prepare(db, sql, &s);
	int code;

	if (r < 0)
		return r;
	code = sqlite3_step(s);
	if (code == SQLITE_DONE || (code == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_NULL))
		return -ENOENT;
	if (code != SQLITE_ROW)
		return sql_error(code);
	*ret = sqlite3_column_int64(s, 0);
	return 0;
}

int sql_run(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	sqlite3_reset(s);
	return sql_error(code);
}

int sql_bind_span(sqlite3_stmt *s, int at, struct span value)
{
	if (!value.p)
		return sql_error(sqlite3_bind_null(s, at));
	if (!memchr(value.p, 0, value.n) && text_is_utf8(value))
		return sql_error(sqlite3_bind_text64(s, at, value.p, value.n, SQLITE_STATIC, SQLITE_UTF8));
	return sql_error(sqlite3_bind_blob64(s, at, value.p, value.n, SQLITE_STATIC));
}

int sql_bind_or_null(sqlite3_stmt *s, int at, int64_t value, int64_t null)
{
	return sql_error(value == null ? sqlite3_bind_null(s, at) : sqlite3_bind_int64(s, at, value));
}

struct span sql_column(sqlite3_stmt *s, int at)
{
	int type = sqlite3_column_type(s, at);
	const void *p;

	if (type != SQLITE_TEXT && type != SQLITE_BLOB)
		return SPAN_NONE;
	p = sqlite3_column_blob(s, at);
	return (struct span){ p ? p : "", p ? (size_t)sqlite3_column_bytes(s, at) : 0 };
}
