#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "recorder/query/reader-db.h"

enum { MINUTE_MS = 60000 };

static int add_sum(const struct reader_db_sum *sum, void *data)
{
	struct reader_histogram *h = data;
	struct reader_db_sum first = *sum;

	/* Bins of minutes come from table rollup, which has a row's events in its first minute. */
	if (h->bin_ms % MINUTE_MS == 0)
		first.span_ms = 0;
	reader_db_add(h, &first);
	return 0;
}

/* Bins of a minute or more are whole minutes, so that table rollup can answer. There may then be fewer than asked for. */
static void lay_out(struct reader_histogram *h, struct reader_range range, size_t n_bins)
{
	int64_t span = range.to_ms - range.from_ms, n = (int64_t)n_bins;

	h->from_ms = range.from_ms;
	h->bin_ms = (span + n - 1) / n;
	if (h->bin_ms >= MINUTE_MS) {
		h->from_ms -= h->from_ms % MINUTE_MS;
		span = range.to_ms - h->from_ms;
		h->bin_ms = (span + n - 1) / n;
		h->bin_ms = (h->bin_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
	}
	h->n_bins = (size_t)((span + h->bin_ms - 1) / h->bin_ms);
}

static int clamp(struct reader_db *r, struct reader_range *range)
{
	int error = reader_db_clamp(r, range);

	if (range->from_ms < 0)
		range->from_ms = 0;
	if (range->to_ms > CLOCK_MAX)
		range->to_ms = CLOCK_MAX;
	return error < 0 ? error : range->from_ms < range->to_ms ? 0 : -EINVAL;
}

int reader_db_histogram(struct reader *reader, struct cancel *cancel, const struct expr *where, struct reader_range range,
                        size_t n_bins, struct reader_histogram *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_histogram h = { 0 };
	struct plan *plan;
	int error;

	if (n_bins == 0 || n_bins > READER_MAX_BINS)
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = clamp(r, &range);
	if (error == 0)
		error = reader_db_plan(r, where, &plan);
	if (error == 0) {
		lay_out(&h, range, n_bins);
		h.counts = calloc(h.n_bins * EVENT_CATEGORY_COUNT, sizeof(*h.counts));
		error = h.counts ? reader_db_tally(r, plan, range, h.bin_ms, add_sum, &h) : -ENOMEM;
	}
	if (error < 0)
		reader_histogram_free(&h);
	else
		*ret = h;
	return reader_db_end(r, error);
}
