/* intern: every text and credential once. Text → id through a bounded cache, then the database, else a new row.
 * Inside recorder/store only. */
#pragma once

#include <sqlite3.h>

#include "recorder/event.h"
#include "recorder/store/text.h"

struct intern;
struct map;

struct intern_ref {
	int64_t id;    /* 0: absent */
	int64_t birth; /* bucket of time in which it was first met, -1 not known */
	int64_t dir;   /* of a path with a directory: that text */
};

/* cache_bytes: what the cache may hold at most, twice. */
int intern_new(sqlite3 *db, size_t cache_bytes, struct intern **ret);
/* Met at bucket (id >> 26 of events; only for a new text). An absent span gives id 0. */
int intern_text(struct intern *in, enum text_kind kind, struct span value, int64_t bucket, struct intern_ref *ret);
int intern_credentials(struct intern *in, const struct credentials *who, int64_t bucket, int64_t *ret);
/* Deletes texts that nothing refers to any more. Nothing may be held back: after intern_flush. */
int intern_delete(struct intern *in, const int64_t *ids, size_t n);
/* Those with these ids (the keys) were deleted. */
void intern_forget_credentials(struct intern *in, const struct map *ids);
/* Writes the part of the index that is held back. Before a commit. */
int intern_flush(struct intern *in);
/* Forgets everything that is not in the database: after a rollback. */
int intern_reset(struct intern *in);
void intern_free(struct intern *in);
