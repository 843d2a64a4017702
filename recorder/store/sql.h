/* sql: the few SQLite calls that everything here makes. Inside recorder/store and server/evidence only. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#include "agent/base/span.h"

/* Negative errno for an SQLite result code: -ENOMEM, -ENOSPC, -EBUSY, -EBADMSG (damaged or not a database),
 * -ECANCELED, -EACCES, -EINVAL (a constraint), else -EIO. 0 for SQLITE_OK, ROW and DONE. */
int sql_error(int code);
int sql_exec(sqlite3 *db, const char *sql);
/* The first column of the first row. 0, -ENOENT when there is no row or it is NULL, or as sql_error. */
int sql_int64(sqlite3 *db, const char *sql, int64_t *ret);
int sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret);
/* Runs a statement that gives no rows and makes it ready for the next time. */
int sql_run(sqlite3_stmt *s);
/* TEXT when it is valid UTF-8 without NUL, else BLOB; NULL when absent. The bytes must last until the statement ran. */
int sql_bind_span(sqlite3_stmt *s, int at, struct span value);
/* NULL when the value is `null`. */
int sql_bind_or_null(sqlite3_stmt *s, int at, int64_t value, int64_t null);
/* TEXT or BLOB of the current row; absent for NULL and other types. Valid until the next step. */
struct span sql_column(sqlite3_stmt *s, int at);

static inline void cleanup_stmt(sqlite3_stmt **s) { sqlite3_finalize(*s); }
#define AUTO_STMT __attribute__((cleanup(cleanup_stmt))) sqlite3_stmt
