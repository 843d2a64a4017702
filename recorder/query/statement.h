/* statement: prepares SQLite statements with errors as negative errno. Internal to recorder/query. */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

static inline void cleanup_statement(sqlite3_stmt **s) { sqlite3_finalize(*s); }
#define AUTO_STATEMENT __attribute__((cleanup(cleanup_statement))) sqlite3_stmt

/* 0 or negative errno (statement_error). */
int statement_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret);
/* 1 a row, 0 the end, -EFBIG a stored value larger than a recording's may be, else negative errno. */
int statement_step(sqlite3_stmt *s);
/* -ECANCELED, -ENOMEM, -ERANGE (a pattern hit its limit), -E2BIG (an expression too large for SQLite), -EBADMSG
 * (damaged), else -EIO. */
int statement_error(int sqlite_code);
/* The first column of the first row as a number; `otherwise` when there is none or it is NULL. 0 or negative errno. */
int statement_number(sqlite3 *db, const char *sql, int64_t otherwise, int64_t *ret);
