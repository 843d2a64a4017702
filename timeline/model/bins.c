#include "timeline/model/bins.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "agent/base/clock.h"

/* ---- merging ---- */

bool bins_usable(const struct reader_histogram *h)
{
	return h->bin_ms > 0 && h->n_bins && h->counts && h->n_bins <= READER_MAX_BINS &&
	       h->from_ms >= CLOCK_MIN - CLOCK_MAX && h->from_ms <= CLOCK_MAX && h->bin_ms <= CLOCK_MAX;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

size_t bins_group(const struct reader_histogram *h, const struct scale *s, double column_px)
{
	double group = h->bin_ms > 0 ? ceil(column_px * s->ms_per_px / (double)h->bin_ms - 1e-9) : 1;

	return group < 1 ? 1 : group > READER_MAX_BINS ? READER_MAX_BINS : (size_t)group;
}

static struct bins_column *grow(struct bins *b)
{
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		struct bins_column *at = realloc(b->at, cap * sizeof(*at));

		if (!at)
			return NULL;
		b->at = at;
		b->cap = cap;
	}
	return &b->at[b->n++];
}

static void open_column(struct bins_column *c, const struct reader_histogram *h, const struct scale *s,
                        int64_t first_bin, size_t group)
{
	int64_t from = h->from_ms + first_bin * h->bin_ms;

	*c = (struct bins_column){ .from_ms = from, .to_ms = from + (int64_t)group * h->bin_ms };
	c->x = scale_x(s, c->from_ms);
	c->w = (double)(c->to_ms - c->from_ms) / s->ms_per_px;
}

/* First bin that ends after the left edge, first that starts at or after the right one. */
static void seen_bins(const struct reader_histogram *h, const struct scale *s, size_t *ret_from, size_t *ret_to)
{
	struct scale_range seen = scale_visible(s);
	int64_t from = floor_div(seen.from_ms - h->from_ms, h->bin_ms);
	int64_t to = floor_div(seen.to_ms - 1 - h->from_ms, h->bin_ms) + 1;

	*ret_from = from < 0 ? 0 : from > (int64_t)h->n_bins ? h->n_bins : (size_t)from;
	*ret_to = to < 0 ? 0 : to > (int64_t)h->n_bins ? h->n_bins : (size_t)to;
}

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t bin_total(const uint64_t *counts)
{
	uint64_t total = 0;

	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		total = add_capped(total, counts[c]);
	return total;
}

int bins_merge(const struct reader_histogram *h, const struct scale *s, double column_px, struct bins *b)
{
	size_t group, from, to;
	int64_t shift, column = INT64_MIN;

	b->n = 0;
	if (!bins_usable(h))
		return 0;
	group = bins_group(h, s, column_px);
	shift = floor_div(h->from_ms, h->bin_ms) % (int64_t)group; /* columns are counted from 1970 */
	shift += shift < 0 ? (int64_t)group : 0;
	seen_bins(h, s, &from, &to);
	for (size_t i = from; i < to; i++) {
		const uint64_t *counts = &h->counts[i * EVENT_CATEGORY_COUNT];
		uint64_t total = bin_total(counts);
		int64_t mine = ((int64_t)i + shift) / (int64_t)group;
		struct bins_column *col;

		if (total == 0)
			continue;
		if (mine != column) {
			if (!grow(b))
				return -ENOMEM;
			column = mine;
			open_column(&b->at[b->n - 1], h, s, mine * (int64_t)group - shift, group);
		}
		col = &b->at[b->n - 1];
		col->total = add_capped(col->total, total);
		for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
			col->counts[c] = add_capped(col->counts[c], counts[c]);
	}
	return 0;
}

void bins_free(struct bins *b)
{
	free(b->at);
	*b = BINS_INIT;
}

/* ---- looking ---- */

static double distance(const struct bins_column *c, double x)
{
	return x < c->x ? c->x - x : x > c->x + c->w ? x - c->x - c->w : 0;
}

const struct bins_column *bins_nearest(const struct bins *b, double x, double reach, enum event_category c)
{
	const struct bins_column *best = NULL;
	size_t low = 0, high = b->n;

	while (low < high) { /* the first that ends within reach */
		size_t mid = low + (high - low) / 2;

		if (b->at[mid].x + b->at[mid].w < x - reach)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < b->n && b->at[low].x <= x + reach; low++) {
		const struct bins_column *at = &b->at[low];

		if (c != EVENT_NONE && at->counts[c] == 0)
			continue;
		if (distance(at, x) <= reach && (!best || distance(at, x) < distance(best, x)))
			best = at;
	}
	return best;
}

void bins_greatest(const struct reader_histogram *h, size_t group, uint64_t ret[EVENT_CATEGORY_COUNT])
{
	uint64_t sum[EVENT_CATEGORY_COUNT] = { 0 };

	memset(ret, 0, EVENT_CATEGORY_COUNT * sizeof(*ret));
	for (size_t i = 0; bins_usable(h) && i < h->n_bins; i++) {
		for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
			sum[c] = add_capped(i % group ? sum[c] : 0, h->counts[i * EVENT_CATEGORY_COUNT + (size_t)c]);
			ret[c] = sum[c] > ret[c] ? sum[c] : ret[c];
		}
	}
}

/* ---- asking ---- */

static int64_t wanted_bin_ms(const struct scale *s, double column_px)
{
	int64_t bin = 1;

	while ((double)bin * 2 <= column_px * s->ms_per_px)
		bin *= 2;
	return bin;
}

struct bins_want bins_wanted(const struct scale *s, double column_px)
{
	struct scale_range seen = scale_visible(s);
	int64_t bin = wanted_bin_ms(s, column_px), half = (seen.to_ms - seen.from_ms) / 2;
	int64_t from, n;

	if (seen.from_ms - half < s->min_ms)
		half = seen.from_ms > s->min_ms ? seen.from_ms - s->min_ms : 0;
	from = floor_div(seen.from_ms - half, bin) * bin;
	half = (seen.to_ms - seen.from_ms) / 2;
	if (seen.to_ms + half > s->max_ms)
		half = s->max_ms > seen.to_ms ? s->max_ms - seen.to_ms : 0;
	for (n = (seen.to_ms + half - from + bin - 1) / bin; n > READER_MAX_BINS; n = (n + 1) / 2)
		bin *= 2;
	n = n < 1 ? 1 : n;
	return (struct bins_want){ from, from + n * bin, (uint32_t)n };
}

bool bins_enough(const struct reader_histogram *h, const struct scale *s, double column_px)
{
	struct scale_range seen = scale_visible(s);
	struct bins_want want = bins_wanted(s, column_px);
	int64_t bin = (want.to_ms - want.from_ms) / want.n_bins, end;

	if (!bins_usable(h))
		return false;
	end = h->from_ms + (int64_t)h->n_bins * h->bin_ms;
	if (h->bin_ms > bin || h->bin_ms < bin / 4)
		return false;
	return h->from_ms <= (seen.from_ms > s->min_ms ? seen.from_ms : s->min_ms) &&
	       end >= (seen.to_ms < s->max_ms ? seen.to_ms : s->max_ms);
}
