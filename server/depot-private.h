/* depot-private: what the files of depot share. */
#pragma once

#include <sqlite3.h>

#include "recorder/store/sql.h"
#include "server/depot.h"

struct depot {
	sqlite3 *db;
};

/* Prepares and binds, a letter of `types` an argument: i int64_t, z int64_t with 0 as NULL, t text (not NULL),
 * h DEPOT_TOKEN_HASH bytes. */
int depot_prepare(struct depot *d, sqlite3_stmt **ret, const char *sql, const char *types, ...);
/* The same and runs it, for statements without rows. -EEXIST what must be unique is there. */
int depot_run(struct depot *d, const char *sql, const char *types, ...);
/* As depot_run, for an INSERT (id 0) or an UPDATE (-ENOENT when it changed nothing); sets *ret_id where not NULL. */
int depot_changed(struct depot *d, int r, int64_t id, int64_t *ret_id);
/* Never NULL. Valid until the next step. */
const char *depot_text(sqlite3_stmt *s, int at);

/* Steps through; 0 at the end, what a row's function answered, or negative errno. */
int depot_rows(sqlite3_stmt *s, int (*row)(sqlite3_stmt *s, void *data), void *data);
