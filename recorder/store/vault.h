/* vault: opens a monitor.db that somebody else may have prepared, for reading only. See "Opening a file" in README.md.
 *
 * SQLITE_OPEN_READONLY|NOFOLLOW, DEFENSIVE, no trusted schema, no triggers, no views of theirs, query_only, no mmap,
 * cell_size_check; sqlite_schema must equal a known version exactly; an authorizer allows SELECT on known tables only;
 * a progress handler makes every statement cancellable; heap limit.
 */
#pragma once

#include "agent/base/cancel.h"

struct sqlite3;

enum vault_flags {
	VAULT_CHECK = 1, /* quick_check first (for files from elsewhere) */
	VAULT_LIVE = 2,  /* our own database that a recorder is writing: WAL and shared memory are used */
};

typedef void vault_progress_fn(double fraction, void *data);

/* 0 with a connection, or: -ENOENT, -EACCES, -EISDIR …; -ENOTSUP not a database; -EBADMSG a database of something else,
 * damaged, truncated or with a foreign schema; -EPROTONOSUPPORT newer schema; -ECANCELED. On failure *ret_error is
 * one malloc'd line "PATH: what: why". `cancel` and `progress` may be NULL; `cancel` must outlive the connection.
 * A `-wal` beside the file is honoured: it is copied with the file to a private temporary folder, never changed. */
int vault_open(const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress, void *data,
               struct sqlite3 **ret, char **ret_error);
/* Closes and removes what vault_open made. NULL is fine. */
void vault_close(struct sqlite3 *db);
/* -ECANCELED, -ENOMEM, -EBADMSG or -EIO for an SQLite result code. */
int vault_error(int sqlite_code);
