/* rows: turns items into rows of an open database. What sorts or merges well is held back until rows_flush.
 * Inside recorder/store only; transactions are the caller's. */
#pragma once

#include <sqlite3.h>

#include "recorder/event.h"
#include "recorder/store/store.h"

struct rows;
struct intern;

/* `bulk`: nobody reads yet: hold back as much as memory allows. */
int rows_new(sqlite3 *db, bool bulk, struct rows **ret);
int rows_add(struct rows *w, const struct item *item);
/* Writes everything that is held back. */
int rows_flush(struct rows *w);
/* After a rollback: forgets what is not in the database. */
int rows_reset(struct rows *w);
/* The greatest ids given to rows_add or in the database. */
struct store_ids rows_ids(const struct rows *w);
/* Events alike within so many milliseconds share a row (collate.h); 0: none do. */
int rows_collate(struct rows *w, int64_t window_ms);
/* Time of the newest event, -1 none. */
int64_t rows_last_ms(const struct rows *w);
/* Everything before that bucket was deleted (purge.h). */
void rows_purged(struct rows *w, int64_t cut);
struct intern *rows_intern(struct rows *w);
uint64_t rows_events(const struct rows *w);
void rows_free(struct rows *w);
