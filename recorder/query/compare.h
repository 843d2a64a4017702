/* compare: what two recordings of a host tell differently: what is new since the first, and what is gone. Arithmetic on
 * two inventories (reader.h), wherever they come from.
 *
 * What was recorded is compared, not what is there: a program that did not run in the second recording counts as gone.
 *   programs, modules: by path. CHANGED: both hashes are known, and none of the first recording's is the same
 *   listeners: by address and port. CHANGED: another program listens
 *   accounts, files that start something: what was done after the first recording ended is new, or, where the account
 *   or file is known from before, CHANGED. They are never gone.
 */
#pragma once

#include "recorder/query/reader.h"

enum compare_change { COMPARE_NEW, COMPARE_CHANGED, COMPARE_GONE, COMPARE_CHANGES };

struct compare_item {
	enum compare_change change;
	const struct reader_thing *thing;  /* of the second recording; of the first where GONE */
	const struct reader_thing *before; /* CHANGED: of the first; else NULL */
};

struct compare {
	struct compare_item *items; /* by area, change, name; compare_free */
	size_t n;
	size_t counts[READER_AREAS][COMPARE_CHANGES];
};

/* One side: an inventory and when its recording ended (reader_info.last_ms). Must outlive the result. */
struct compare_side {
	const struct reader_inventory *inventory;
	int64_t last_ms;
};

/* 0 or -ENOMEM. */
int compare_inventories(struct compare_side first, struct compare_side second, struct compare *ret);
void compare_free(struct compare *c);

/* Are these two of one host? Where a name is not known, they may be. */
bool compare_same_host(struct span a, struct span b);
/* Appends an expression that finds the item's events, in the recording that its thing is of. */
void compare_expression(const struct compare_item *item, struct buf *out);
/* "programs", "listeners", …; "new", "changed", "gone". */
const char *compare_area_name(int area);
const char *compare_change_name(enum compare_change change);
