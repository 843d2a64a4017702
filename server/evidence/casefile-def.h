/* casefile-def: what the parts of casefile share. Inside server/evidence only. */
#pragma once

#include <sqlite3.h>

#include "agent/base/buf.h"
#include "server/evidence/casefile.h"

struct casefile {
	sqlite3 *db;
	int64_t version;      /* of its tables: an earlier one when it cannot be written to */
	int64_t data_version; /* of the last casefile_changed; -1: none */
};

/* Begins a change: waits for others. End it with casefile_end. */
int casefile_begin(struct casefile *c);
/* Commits when `r` is 0, else takes everything back. Returns what became of it. */
int casefile_end(struct casefile *c, int r);
/* `query` gives rows of a source, ?1, from the ?2-th on: are there so many? What could not be read again is not written.
 * 0, -EFBIG when there are, or other errno. */
int casefile_check_number(struct casefile *c, const char *query, int64_t source, int64_t most);
enum { CASEFILE_MAX_AUTHOR = 200 };
/* Visible UTF-8 of at most n bytes, never cut within a character. */
void casefile_make_fit(struct buf *out, struct span s, size_t n);
