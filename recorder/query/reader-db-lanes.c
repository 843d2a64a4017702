/* Events told apart by who did them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/query/cgroup.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { MAX_GROUPS = 1 << 20, MAX_SUMS = 3 << 20, NO_GROUP = 0 };

struct group {
	int64_t key;       /* what groups are told apart by, see columns */
	struct span name;
	uint64_t total, by_category[EVENT_CATEGORY_COUNT];
};

struct grouping {
	struct reader_db *r;
	enum reader_group by;
	struct reader_lanes *out;
	struct reader_histogram bins; /* from, length and number only */
	struct dictionary texts;
	sqlite3_stmt *image;
	struct map of_image;  /* image → group */
	struct map of_key;    /* key → group */
	struct map sums;      /* group, bin, category → events */
	struct group *groups;
	size_t n, cap;
	size_t current;       /* the group of the row being spread */
};

/* What tells an image's group, and the text that names it (0: none). */
static const char *const columns[READER_GROUPS] = {
	[READER_BY_KIND] = "0, 0",
	[READER_BY_USER] = "coalesce(k.user * 2, k.euid * 2 + 1), k.user",
	[READER_BY_EXECUTABLE] = "coalesce(i.executable, i.comm), coalesce(i.executable, i.comm)",
	[READER_BY_CONTAINER] = "k.cgroup, k.cgroup",
	[READER_BY_PROCESS] = "i.process, i.executable",
};

/* ---- groups ---- */

static int add_group(struct grouping *g, int64_t key, struct span name, size_t *ret)
{
	if (g->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 64;
		struct group *grown = reallocarray(g->groups, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		g->groups = grown;
		g->cap = cap;
	}
	if (g->n >= MAX_GROUPS)
		return -E2BIG;
	g->groups[g->n] = (struct group){ .key = key, .name = name };
	*ret = g->n++;
	return 0;
}

/* Containers are named by what the group's path says; groups of one name are one, whatever their paths. */
static void name_container(struct span path, int64_t *key, struct span *name)
{
	struct span container = cgroup_container(path), unit = cgroup_unit(path);

	*name = container.p ? container : unit.p ? unit : path;
	*key = (int64_t)(span_hash(*name) | 1);
}

static int name_user(struct grouping *g, int64_t key, struct span *name)
{
	char number[24];
	int n;

	if (name->p || !(key & 1))
		return 0;
	n = snprintf(number, sizeof(number), "%lld", (long long)(key >> 1));
	*name = key >> 1 < 0 ? SPAN_NONE : arena_copy(&g->out->arena, (struct span){ number, (size_t)n });
	return key >> 1 >= 0 && !name->p ? -ENOMEM : 0;
}

static int group_of_key(struct grouping *g, int64_t key, struct span name, size_t *ret)
{
	uint64_t *known = map_get(&g->of_key, (uint64_t)key);
	int r;

	if (known) {
		*ret = (size_t)*known;
		return 0;
	}
	r = add_group(g, key, name, ret);
	return r < 0 ? r : map_put(&g->of_key, (uint64_t)key, *ret);
}

static int look_up(struct grouping *g, int64_t image, size_t *ret)
{
	struct span name = SPAN_NONE;
	int64_t key = 0;
	int r;

	sqlite3_bind_int64(g->image, 1, image);
	r = statement_step(g->image);
	if (r == 1 && sqlite3_column_type(g->image, 0) != SQLITE_NULL) {
		key = sqlite3_column_int64(g->image, 0);
		r = dictionary_column(&g->texts, g->image, 1, &name);
		if (r == 0 && g->by == READER_BY_CONTAINER)
			name_container(name, &key, &name);
		else if (r == 0 && g->by == READER_BY_USER)
			r = name_user(g, key, &name);
		if (r == 0)
			r = group_of_key(g, key, name, ret);
	} else if (r >= 0) {
		*ret = NO_GROUP;
		r = 0;
	}
	sqlite3_reset(g->image);
	return r;
}

static int group_of_image(struct grouping *g, int64_t image, size_t *ret)
{
	uint64_t *known = map_get(&g->of_image, (uint64_t)image);
	int r;

	if (known) {
		*ret = (size_t)*known;
		return 0;
	}
	r = image ? look_up(g, image, ret) : 0;
	if (!image)
		*ret = NO_GROUP;
	return r < 0 ? r : map_put(&g->of_image, (uint64_t)image, *ret);
}

/* ---- counting ---- */

static uint64_t bin_key(size_t group, size_t bin, enum event_category category)
{
	return (uint64_t)group << 17 | (uint64_t)bin << 4 | (uint64_t)category;
}

static int count_bin(size_t bin, enum event_category category, uint64_t events, void *data)
{
	struct grouping *g = data;
	uint64_t key = bin_key(g->current, bin, category), *sum = map_get(&g->sums, key);

	if (!sum)
		return g->sums.n < MAX_SUMS ? map_put(&g->sums, key, events) : -E2BIG;
	*sum += events;
	return 0;
}

static int count(struct grouping *g, size_t group, const struct reader_db_sum *sum)
{
	g->groups[group].total += sum->events;
	g->groups[group].by_category[reader_db_category(sum->action)] += sum->events;
	g->current = group;
	return g->bins.n_bins ? reader_db_spread(&g->bins, sum, count_bin, g) : 0;
}

static int count_kind(const struct reader_db_sum *sum, void *data)
{
	struct grouping *g = data;
	enum event_category category = reader_db_category(sum->action);
	size_t group;
	int r = group_of_key(g, category, SPAN_NONE, &group);

	return r < 0 ? r : count(g, group, sum);
}

static int count_rows(struct grouping *g, const struct plan *plan, struct reader_range range)
{
	struct cursor c;
	int r = cursor_open(&c, plan, READER_DB_SUM_COLUMNS ", e.image", cursor_ids(range.from_ms, range.to_ms), false);

	if (r < 0)
		return r;
	while ((r = cursor_next(&c)) == 1) {
		struct reader_db_sum sum = reader_db_sum_of(c.row);
		size_t group;

		r = group_of_image(g, sqlite3_column_int64(c.row, 4), &group);
		if (r == 0)
			r = count(g, group, &sum);
		if (r < 0)
			break;
	}
	cursor_close(&c);
	return r;
}

/* ---- answering ---- */

static int by_total(const void *a, const void *b, void *data)
{
	const struct group *groups = data;
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (groups[x].total != groups[y].total)
		return groups[x].total < groups[y].total ? 1 : -1;
	return x < y ? -1 : x > y;
}

static int fill_bins(struct grouping *g, const uint32_t *lane_of)
{
	struct reader_lanes *out = g->out;
	struct map_slot *slot;
	size_t at = 0;

	for (size_t i = 0; i < out->n && out->n_bins; i++) {
		out->lanes[i].counts = reader_db_array(&out->arena, out->n_bins * EVENT_CATEGORY_COUNT, sizeof(uint64_t));
		if (!out->lanes[i].counts)
			return -ENOMEM;
	}
	while ((slot = map_next(&g->sums, &at))) {
		uint32_t lane = lane_of[slot->key >> 17];

		if (lane < out->n)
			out->lanes[lane].counts[(slot->key >> 4 & 0x1fff) * EVENT_CATEGORY_COUNT + (slot->key & 15)] = slot->value;
	}
	return 0;
}

static int answer(struct grouping *g, size_t max)
{
	struct reader_lanes *out = g->out;
	AUTO_FREE size_t *order = calloc(g->n + 1, sizeof(*order));
	AUTO_FREE uint32_t *lane_of = calloc(g->n + 1, sizeof(*lane_of));
	size_t n = 0;

	if (!order || !lane_of)
		return -ENOMEM;
	for (size_t i = 0; i < g->n; i++)
		if (g->groups[i].total)
			order[n++] = i;
	qsort_r(order, n, sizeof(*order), by_total, g->groups);
	memset(lane_of, 0xff, (g->n + 1) * sizeof(*lane_of));
	out->n = n < max ? n : max;
	out->lanes = reader_db_array(&out->arena, out->n + 1, sizeof(*out->lanes));
	if (!out->lanes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct group *group = &g->groups[order[i]];

		if (i >= out->n) {
			out->left_out++;
			out->events_left_out += group->total;
			continue;
		}
		lane_of[order[i]] = (uint32_t)i;
		out->lanes[i] = (struct reader_lane){ .name = group->name, .total = group->total };
		out->lanes[i].key = g->by == READER_BY_KIND || g->by == READER_BY_PROCESS ? group->key : 0;
		memcpy(out->lanes[i].by_category, group->by_category, sizeof(group->by_category));
	}
	return fill_bins(g, lane_of);
}

/* Bins exactly as asked: they begin with the range, the last may reach past its end. */
static int lay_out(struct reader_db *r, struct grouping *g, struct reader_range *range, size_t n_bins)
{
	int error = reader_db_clamp(r, range);
	int64_t span, n = (int64_t)n_bins;

	if (error < 0)
		return error;
	range->from_ms = range->from_ms < 0 ? 0 : range->from_ms;
	range->to_ms = range->to_ms > CLOCK_MAX ? CLOCK_MAX : range->to_ms;
	if (range->from_ms >= range->to_ms)
		return -EINVAL;
	if (n_bins == 0)
		return 0;
	span = range->to_ms - range->from_ms;
	g->bins = (struct reader_histogram){ .from_ms = range->from_ms, .bin_ms = (span + n - 1) / n };
	g->bins.n_bins = (size_t)((span + g->bins.bin_ms - 1) / g->bins.bin_ms);
	g->out->from_ms = g->bins.from_ms;
	g->out->bin_ms = g->bins.bin_ms;
	g->out->n_bins = g->bins.n_bins;
	return 0;
}

static int prepare(struct grouping *g)
{
	AUTO_BUF sql = BUF_INIT;
	size_t nobody;
	int r = dictionary_open(&g->texts, g->r->db, &g->out->arena);

	buf_printf(&sql, "SELECT %s FROM image i LEFT JOIN credential k ON k.id = i.credential WHERE i.id = ?",
	           columns[g->by]);
	if (r == 0)
		r = sql.failed ? -ENOMEM : statement_prepare(g->r->db, sql.p, &g->image);
	if (r == 0 && g->by != READER_BY_KIND)
		r = add_group(g, 0, SPAN_NONE, &nobody); /* NO_GROUP */
	return r;
}

static void grouping_free(struct grouping *g)
{
	sqlite3_finalize(g->image);
	dictionary_close(&g->texts);
	map_free(&g->of_image);
	map_free(&g->of_key);
	map_free(&g->sums);
	free(g->groups);
}

int reader_db_lanes(struct reader *reader, struct cancel *cancel, const struct expr *where, struct reader_range range,
                    enum reader_group by, size_t n_bins, size_t max_lanes, struct reader_lanes *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_lanes out = { .arena = ARENA_INIT };
	struct grouping g = { .r = r, .by = by, .out = &out };
	struct plan *plan;
	int error;

	if ((unsigned)by >= READER_GROUPS || n_bins > READER_MAX_BINS || max_lanes > READER_MAX_LANES ||
	    n_bins * max_lanes > READER_MAX_LANE_COUNTS)
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = lay_out(r, &g, &range, n_bins);
	if (error == 0)
		error = prepare(&g);
	if (error == 0)
		error = reader_db_plan(r, where, &plan);
	if (error == 0)
		error = by == READER_BY_KIND ? reader_db_tally(r, plan, range, g.bins.bin_ms, count_kind, &g)
		                             : count_rows(&g, plan, range);
	if (error == 0)
		error = answer(&g, max_lanes);
	grouping_free(&g);
	if (error < 0)
		reader_lanes_free(&out);
	else
		*ret = out;
	return reader_db_end(r, error);
}
