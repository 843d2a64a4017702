#include "recorder/query/statement.h"

#include <errno.h>
#include <stddef.h>

int statement_error(int sqlite_code)
{
	switch (sqlite_code & 0xff) {
	case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return 0;
	case SQLITE_INTERRUPT: return -ECANCELED;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_RANGE: return -ERANGE;
	case SQLITE_TOOBIG: return -E2BIG;
	case SQLITE_CORRUPT: case SQLITE_NOTADB: case SQLITE_ERROR: case SQLITE_AUTH: return -EBADMSG;
	default: return -EIO;
	}
}

int statement_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
	return statement_error(sqlite3_prepare_v2(db, sql, -1, ret, NULL));
}

int statement_step(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	/* Whatever is too large once it runs was too large in the file. */
	return code == SQLITE_ROW ? 1 : code == SQLITE_TOOBIG ? -EFBIG : statement_error(code);
}

int statement_number(sqlite3 *db, const char *sql, int64_t otherwise, int64_t *ret)
{
	AUTO_STATEMENT *s = NULL;
	int r = statement_prepare(db, sql, &s);

	if (r == 0)
		r = statement_step(s);
	if (r < 0)
		return r;
	*ret = r == 0 || sqlite3_column_type(s, 0) == SQLITE_NULL ? otherwise : sqlite3_column_int64(s, 0);
	return 0;
}
