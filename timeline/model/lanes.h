/* lanes: what lies above what in a timeline: the process's bar, its children's bars in rows, one lane for each kind. */
#pragma once

#include "recorder/query/reader.h"

/* Rows for bars so that no two in a row overlap or are nearer than `gap`: each bar, by its start, goes to the first row
 * that is free. to <= from counts as an instant. Any order; O(n log n). 0 or -ENOMEM. */
int lanes_pack(const int64_t *from, const int64_t *to, size_t n, int64_t gap, uint32_t *ret_rows,
               uint32_t *ret_n_rows);

enum lane_type { LANE_PROCESS, LANE_CHILDREN, LANE_KIND };

struct lane {
	enum lane_type type;
	enum event_category category; /* LANE_KIND */
	int y, h;
};

enum { LANES_MAX = 2 + EVENT_CATEGORY_COUNT };

struct lanes {
	struct lane at[LANES_MAX];
	size_t n;
	int bottom;
	int child_row_h;         /* height of a child's row, space included */
	uint32_t child_rows;     /* in all */
	uint32_t child_rows_seen; /* that fit: the rest is scrolled to */
};

struct lanes_request {
	int top, height;
	bool process;        /* has a bar of its own */
	uint32_t child_rows;
	const uint64_t *by_category; /* kinds with 0 have no lane */
};

/* Lanes always fit the height if it is at least 200 or so; children's rows give way first. */
void lanes_arrange(const struct lanes_request *r, struct lanes *ret);
/* The lane at y, NULL between and outside. */
const struct lane *lanes_at(const struct lanes *l, int y);
