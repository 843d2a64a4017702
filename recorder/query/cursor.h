/* cursor: walks the events of a plan in order of their ids, forward or back, only where they can be.
 * Internal to recorder/query. */
#pragma once

#include "recorder/query/plan.h"

struct cursor {
	sqlite3_stmt *row; /* its columns are those asked for */
	struct ranges ranges;
	size_t at;
	bool backward, in_range;
};

/* Events with ids in `within` ([from, to)). columns: of `event e`. 0 or negative errno. The plan must live longer. */
int cursor_open(struct cursor *c, const struct plan *p, const char *columns, struct range within, bool backward);
/* 1 a row, 0 the end, or negative errno. */
int cursor_next(struct cursor *c);
void cursor_close(struct cursor *c);

/* The ids of the events from from_ms on, before to_ms. */
struct range cursor_ids(int64_t from_ms, int64_t to_ms);
