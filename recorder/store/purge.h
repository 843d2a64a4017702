/* purge: deletes the oldest of a database and everything that only it needed: events with their details and index
 * entries, processes and images that ended, texts, gaps, sums. One call is one small step inside the caller's
 * transaction. Nothing may be held back in memory: after rows_flush and a commit.
 * Credentials and hashes go a little later: see sweep_is_due. Inside recorder/store only.
 */
#pragma once

#include <sqlite3.h>

#include "recorder/store/intern.h"

struct purge;

int purge_new(sqlite3 *db, struct intern *intern, struct purge **ret);
/* Deletes about n of the oldest rows, but none from the bucket of before_ms on, nor of the last bucket that has any.
 * *ret_cut: what was before this bucket is gone. 0, -ENOENT when there is nothing to delete. */
int purge_step(struct purge *p, int64_t n, int64_t before_ms, int64_t *ret_cut);
/* After the step was rolled back. */
void purge_reset(struct purge *p);
void purge_free(struct purge *p);
