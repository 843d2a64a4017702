/* count and distribution. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/map.h"
#include "recorder/query/reader-db.h"

enum { MAX_SHARES = 4096 };

static int add_category(const struct reader_db_sum *sum, void *data)
{
	struct reader_count *ret = data;

	ret->total += sum->rows;
	ret->events += sum->events;
	ret->by_category[reader_db_category(sum->action)] += sum->rows;
	return 0;
}

static int add_anchor(struct reader_count *ret, int64_t id)
{
	if ((ret->n_anchors & (ret->n_anchors - 1)) == 0) {
		int64_t *grown = reallocarray(ret->anchors, ret->n_anchors ? ret->n_anchors * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		ret->anchors = grown;
	}
	ret->anchors[ret->n_anchors++] = id;
	return 0;
}

static int count_rows(const struct plan *p, struct reader_range range, struct reader_count *ret)
{
	struct cursor c;
	int r = cursor_open(&c, p, READER_DB_SUM_COLUMNS, cursor_ids(range.from_ms, range.to_ms), false);

	if (r < 0)
		return r;
	while ((r = cursor_next(&c)) == 1) {
		struct reader_db_sum sum = reader_db_sum_of(c.row);

		if (ret->total++ % ret->step == 0) {
			r = add_anchor(ret, sqlite3_column_int64(c.row, 0));
			if (r < 0)
				break;
		}
		ret->events += sum.events;
		ret->by_category[reader_db_category(sum.action)]++;
	}
	cursor_close(&c);
	return r;
}

int reader_db_count(struct reader *reader, struct cancel *cancel, const struct expr *where, struct reader_range range,
                    uint64_t step, struct reader_count *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_count out = { .step = step };
	struct plan *plan;
	int error;

	reader_db_begin(r, cancel);
	error = reader_db_plan(r, where, &plan);
	if (error == 0 && step)
		error = count_rows(plan, range, &out);
	else if (error == 0)
		error = reader_db_tally(r, plan, range, 0, add_category, &out);
	if (error < 0)
		reader_count_free(&out);
	else
		*ret = out;
	return reader_db_end(r, error);
}

/* ---- distribution ---- */

static int add_action(const struct reader_db_sum *one, void *data)
{
	struct map *sums = data;
	int action = one->action;
	uint64_t *sum = map_get(sums, (uint64_t)action);

	if (!sum && sums->n >= MAX_SHARES) { /* no recorder has so many: the rest together */
		action = 0;
		sum = map_get(sums, 0);
	}
	return map_put(sums, (uint64_t)action, (sum ? *sum : 0) + one->events);
}

static int compare_shares(const void *a, const void *b)
{
	const struct reader_share *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->action < y->action ? -1 : x->action > y->action;
}

static int make_shares(const struct map *sums, struct reader_distribution *out)
{
	struct map_slot *slot;
	size_t at = 0;

	out->shares = calloc(sums->n + 1, sizeof(*out->shares));
	if (!out->shares)
		return -ENOMEM;
	while ((slot = map_next(sums, &at)))
		out->shares[out->n++] = (struct reader_share){ (int)slot->key, slot->value };
	qsort(out->shares, out->n, sizeof(*out->shares), compare_shares);
	return 0;
}

int reader_db_distribution(struct reader *reader, struct cancel *cancel, const struct expr *where,
                           struct reader_range range, struct reader_distribution *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_distribution out = { 0 };
	struct map sums = MAP_INIT;
	struct plan *plan;
	int error;

	reader_db_begin(r, cancel);
	error = reader_db_plan(r, where, &plan);
	if (error == 0)
		error = reader_db_tally(r, plan, range, 0, add_action, &sums);
	if (error == 0)
		error = make_shares(&sums, &out);
	map_free(&sums);
	if (error == 0)
		*ret = out;
	return reader_db_end(r, error);
}
