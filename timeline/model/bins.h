/* bins: a reader's histogram merged into columns of the screen, so that a frame costs the same whatever it shows and
 * no count is lost: every bin that is at least partly visible goes into exactly one column.
 *
 * Columns hold whole bins and stand fixed in time, not on the screen: panning moves them and never re-deals counts.
 */
#pragma once

#include "recorder/query/reader.h"
#include "timeline/model/scale.h"

struct bins_column {
	int64_t from_ms, to_ms;
	double x, w; /* pixels; may reach past the edges */
	uint64_t total;
	uint64_t counts[EVENT_CATEGORY_COUNT];
};

struct bins {
	struct bins_column *at; /* left to right; empty columns are left out */
	size_t n, cap;
};
#define BINS_INIT ((struct bins){ NULL, 0, 0 })

/* A histogram that is not empty and whose times are within what can be written; the others show nothing. */
bool bins_usable(const struct reader_histogram *h);
/* Replaces *b. Columns are at least column_px wide, wider where the data is coarser. 0 or -ENOMEM. */
int bins_merge(const struct reader_histogram *h, const struct scale *s, double column_px, struct bins *b);
void bins_free(struct bins *b);
/* The column that reaches nearest to x, at most `reach` pixels away, with a count of that category (EVENT_NONE: any);
 * NULL when there is none. */
const struct bins_column *bins_nearest(const struct bins *b, double x, double reach, enum event_category c);

/* The greatest count of each category that a column of `group` bins has anywhere in h, so that heights do not depend
 * on what is in sight. */
void bins_greatest(const struct reader_histogram *h, size_t group, uint64_t ret[EVENT_CATEGORY_COUNT]);
/* How many bins bins_merge puts into a column. */
size_t bins_group(const struct reader_histogram *h, const struct scale *s, double column_px);

/* What to ask a reader for so that the visible range and half as much on both sides is covered at the resolution of
 * column_px: bin lengths are powers of two, aligned, so that neighbouring answers fit together. */
struct bins_want {
	int64_t from_ms, to_ms;
	uint32_t n_bins;
};
struct bins_want bins_wanted(const struct scale *s, double column_px);
/* Whether h covers what is visible, about as finely as bins_wanted would ask. */
bool bins_enough(const struct reader_histogram *h, const struct scale *s, double column_px);
