/* lanes: what lies above what in a timeline: the process's bar, its children's bars in rows, one lane for each kind. */
#pragma once

#include "recorder/query/reader.h"

/* Rows for bars so that no two in a row overlap or are nearer than `gap`: each bar, by its start, goes to the first row
 * that is free. to <= from counts as an instant. Any order; O(n log n). 0 or -ENOMEM. */
int lanes_pack(const int64_t *from, const int64_t *to, size_t n, int64_t gap, uint32_t *ret_rows,
               uint32_t *ret_n_rows);

enum lane_type { LANE_PROCESS, LANE_CHILDREN, LANE_KIND, LANE_GROUP };

struct lane {
	enum lane_type type;
	enum event_category category; /* LANE_KIND */
	size_t group;                 /* LANE_GROUP: its number */
	bool folded;                  /* as low as a line of text */
	int y, h;
};

enum { LANES_GROUPS = 64, LANES_MAX = 2 + EVENT_CATEGORY_COUNT + LANES_GROUPS };

struct lanes {
	struct lane at[LANES_MAX];
	size_t n;
	int bottom;
	int child_row_h;         /* height of a child's row, space included */
	uint32_t child_rows;     /* in all; 1 when folded */
	uint32_t child_rows_seen; /* that fit: the rest is scrolled to */
	size_t groups_seen;      /* that fit, from first_group on */
};

struct lanes_request {
	int top, height;
	bool process;        /* has a bar of its own */
	bool children_folded;
	uint32_t child_rows;
	const uint64_t *by_category; /* kinds with 0 have no lane */
	const enum event_category *order; /* of the kinds, EVENT_CATEGORY_COUNT of them; NULL: as they are numbered */
	unsigned folded;     /* kinds: bits 1 << category */
	size_t n_groups, first_group; /* some: instead of kinds; at most LANES_GROUPS are shown at once */
	const bool *group_folded;     /* n_groups of them, or NULL */
};

/* Lanes always fit the height if it is at least 200 or so; children's rows give way first. */
void lanes_arrange(const struct lanes_request *r, struct lanes *ret);
/* The lane at y, NULL between and outside. */
const struct lane *lanes_at(const struct lanes *l, int y);

/* Orders kinds: as numbered, the most events first, or the one that came first first (first_ms INT64_MAX: never). */
enum lanes_sort { LANES_BY_KIND, LANES_BY_COUNT, LANES_BY_FIRST, LANES_SORTS };
void lanes_order(enum lanes_sort how, const uint64_t counts[EVENT_CATEGORY_COUNT],
                 const int64_t first_ms[EVENT_CATEGORY_COUNT], enum event_category ret[EVENT_CATEGORY_COUNT]);
