/* dictionary: stored texts by id, whole (a path with its directory), as an answer's arena keeps them.
 * Internal to recorder/query. */
#pragma once

#include <sqlite3.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/map.h"

struct dictionary {
	sqlite3_stmt *get;
	struct buf whole; /* of the text that is being read */
	struct arena *arena;
	struct map known; /* id → struct span * in the arena */
};

/* Texts go to `arena`, which must outlive their use. 0 or negative errno. */
int dictionary_open(struct dictionary *d, sqlite3 *db, struct arena *arena);
void dictionary_close(struct dictionary *d);
static inline void cleanup_dictionary(struct dictionary *d) { dictionary_close(d); }
#define AUTO_DICTIONARY __attribute__((cleanup(cleanup_dictionary))) struct dictionary

/* Absent for id 0 and for one that is not there; cut at READER_MAX_TEXT. 0 or negative errno. */
int dictionary_get(struct dictionary *d, int64_t id, struct span *ret);
/* The id in that column; absent for NULL. */
int dictionary_column(struct dictionary *d, sqlite3_stmt *s, int column, struct span *ret);
