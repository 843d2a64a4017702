/* Lanes by user, program or container: what they hold, their order, their bars. Part of timeline-stage. */
#include <glib/gi18n.h>
#include <errno.h>
#include <math.h>

#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "timeline/view/timeline-stage.h"
#include "timeline/view/words.h"

enum { PAD = 8, LEAST_H = 3 };

void timeline_stage_forget_groups(struct timeline_stage *t)
{
	for (size_t i = 0; i < t->n_groups; i++)
		free(t->groups[i].bins.counts);
	free(t->groups);
	arena_free(&t->groups_texts);
	t->groups = NULL;
	t->n_groups = t->first_group = 0;
	t->groups_left_out = 0;
}

struct span timeline_groups_name(const struct timeline_stage *t, size_t group)
{
	return t->groups[group].name.p ? t->groups[group].name : span_of(_("not known"));
}

/* ---- taking an answer ---- */

static uint64_t hash_of(const struct reader_lane *l)
{
	return (l->name.p ? span_hash(l->name) : 1) ^ ((uint64_t)l->key * UINT64_C(0x9e3779b97f4a7c15));
}

static struct timeline_group *find_or_add(struct timeline_stage *t, struct map *index, const struct reader_lane *l)
{
	uint64_t hash = hash_of(l), *at = map_get(index, hash);
	struct timeline_group *g;

	if (at)
		return &t->groups[*at];
	if (t->n_groups >= TIMELINE_MAX_GROUPS || map_put(index, hash, t->n_groups) < 0)
		return NULL;
	g = &t->groups[t->n_groups++];
	*g = (struct timeline_group){ .name = arena_copy(&t->groups_texts, l->name), .key = l->key, .hash = hash,
		                      .first_ms = INT64_MAX };
	return g;
}

static int take_lane(struct timeline_stage *t, struct map *index, const struct reader_lanes *all,
                     const struct reader_lane *l)
{
	struct timeline_group *g = find_or_add(t, index, l);
	size_t n = all->n_bins * EVENT_CATEGORY_COUNT;

	if (!g || !n || !l->counts)
		return 0;
	free(g->bins.counts);
	g->bins = (struct reader_histogram){ .from_ms = all->from_ms, .bin_ms = all->bin_ms, .n_bins = all->n_bins,
		                             .counts = malloc(n * sizeof(*g->bins.counts)) };
	if (!g->bins.counts) {
		g->bins.n_bins = 0;
		return -ENOMEM;
	}
	memcpy(g->bins.counts, l->counts, n * sizeof(*g->bins.counts));
	g->total = l->total > g->total ? l->total : g->total;
	for (size_t i = 0; i < n; i++) {
		if (l->counts[i]) {
			int64_t first;

			if (!__builtin_mul_overflow((int64_t)(i / EVENT_CATEGORY_COUNT), all->bin_ms, &first) &&
			    !__builtin_add_overflow(first, all->from_ms, &first) && first < g->first_ms)
				g->first_ms = first;
			break;
		}
	}
	return 0;
}

/* All lanes together are the timeline's bins: so it knows what it has, and what the minimap shows. */
static int sum_up(struct timeline_stage *t, const struct reader_lanes *lanes)
{
	struct reader_timeline sum = { .bins = { .from_ms = lanes->from_ms, .bin_ms = lanes->bin_ms, .n_bins = lanes->n_bins } };
	size_t n = lanes->n_bins * EVENT_CATEGORY_COUNT;
	AUTO_FREE uint64_t *counts = calloc(n + 1, sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < lanes->n; i++)
		for (size_t k = 0; k < n && lanes->lanes[i].counts; k++)
			if (__builtin_add_overflow(counts[k], lanes->lanes[i].counts[k], &counts[k]))
				counts[k] = UINT64_MAX;
	sum.bins.counts = counts;
	sum.child_bins = sum.bins;
	return timeline_stage_set_data(t, &sum);
}

int timeline_stage_set_lanes(struct timeline_stage *t, const struct reader_lanes *lanes)
{
	size_t room = t->n_groups + lanes->n < TIMELINE_MAX_GROUPS ? t->n_groups + lanes->n : TIMELINE_MAX_GROUPS;
	bool first = t->n_groups == 0;
	struct timeline_group *grown = realloc(t->groups, (room + 1) * sizeof(*grown));
	struct map index = MAP_INIT;
	int r = grown ? 0 : -ENOMEM;

	if (lanes->n_bins > READER_MAX_BINS)
		return -EINVAL;
	if (r < 0)
		return r;
	t->groups = grown;
	for (size_t i = 0; i < t->n_groups && r == 0; i++) {
		t->groups[i].bins.n_bins = 0; /* of another range */
		r = map_put(&index, t->groups[i].hash, i);
	}
	for (size_t i = 0; i < lanes->n && r == 0; i++)
		r = take_lane(t, &index, lanes, &lanes->lanes[i]);
	map_free(&index);
	t->groups_left_out = lanes->left_out;
	if (first) {
		t->sort = t->sort == LANES_BY_KIND ? LANES_BY_COUNT : t->sort;
		timeline_stage_sort_groups(t, t->sort);
	}
	return r < 0 ? r : sum_up(t, lanes);
}

/* ---- order ---- */

static int by_name(const void *a, const void *b)
{
	const struct timeline_group *x = a, *y = b;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int order = n ? memcmp(x->name.p, y->name.p, n) : 0;

	return order ? order : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static int by_count(const void *a, const void *b)
{
	const struct timeline_group *x = a, *y = b;

	return x->total != y->total ? (x->total < y->total ? 1 : -1) : by_name(a, b);
}

static int by_first(const void *a, const void *b)
{
	const struct timeline_group *x = a, *y = b;

	return x->first_ms != y->first_ms ? (x->first_ms > y->first_ms ? 1 : -1) : by_name(a, b);
}

void timeline_stage_sort_groups(struct timeline_stage *t, enum lanes_sort how)
{
	qsort(t->groups, t->n_groups, sizeof(*t->groups),
	      how == LANES_BY_COUNT ? by_count : how == LANES_BY_FIRST ? by_first : by_name);
	t->hover = t->focus = (struct timeline_target){ 0 };
	t->sort = how;
}

/* ---- drawing ---- */

struct bins timeline_groups_columns(const struct timeline_stage *t, size_t group)
{
	struct bins b = BINS_INIT;

	if (bins_merge(&t->groups[group].bins, &t->scale, TIMELINE_COLUMN_PX, &b) < 0)
		b.n = 0;
	return b;
}

static double height_of(uint64_t n, uint64_t greatest, double most)
{
	return n ? LEAST_H + (most - LEAST_H) * sqrt((double)n / (double)(greatest ? greatest : 1)) : 0;
}

/* Kinds stand on each other, in their order; a column's height is that of its total. */
static void add_kind(cairo_t *cr, const struct bins *b, int kind, double floor_y, double most, uint64_t greatest)
{
	for (size_t i = 0; i < b->n; i++) {
		double h = height_of(b->at[i].total, greatest, most), x0 = round(b->at[i].x);
		double x1 = fmax(round(b->at[i].x + b->at[i].w), x0 + 1), below = 0;

		if (b->at[i].counts[kind] == 0)
			continue;
		for (int c = 0; c < kind; c++)
			below += (double)b->at[i].counts[c];
		below = floor(h * below / (double)b->at[i].total);
		cairo_rectangle(cr, x0, floor_y - below - fmax(ceil(h * (double)b->at[i].counts[kind] / (double)b->at[i].total), 1),
		                x1 - x0, fmax(ceil(h * (double)b->at[i].counts[kind] / (double)b->at[i].total), 1));
	}
}

void timeline_groups_draw(struct timeline_stage *t, cairo_t *cr, const struct lane *lane)
{
	struct bins b = timeline_groups_columns(t, lane->group);
	uint64_t greatest = 1;

	for (size_t i = 0; i < b.n; i++)
		greatest = b.at[i].total > greatest ? b.at[i].total : greatest;
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		add_kind(cr, &b, c, lane->y + lane->h - 2, lane->h - 8, greatest);
		theme_set(cr, t->theme.kinds[c], 1);
		cairo_fill(cr);
	}
	bins_free(&b);
}

void timeline_groups_draw_name(struct timeline_stage *t, cairo_t *cr, const struct lane *lane, double x0, double x1)
{
	const struct timeline_group *g = &t->groups[lane->group];
	double y = lane->y + lane->h / 2.0, w, room;
	AUTO_BUF count = BUF_INIT;

	words_count(&count, g->total);
	w = glyphs_width(t->glyphs, GLYPHS_MONO_SMALL, buf_span(&count));
	room = x1 - x0 - 3 * PAD - w;
	theme_set(cr, g->name.p ? t->theme.front : t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_NORMAL, timeline_groups_name(t, lane->group), t->rtl ? x0 + 2 * PAD + w : x0 + PAD, y,
	            room, GLYPHS_CUT_MIDDLE);
	theme_set(cr, t->theme.dim, 1);
	glyphs_draw(t->glyphs, cr, GLYPHS_MONO_SMALL, buf_span(&count), t->rtl ? x0 + PAD : x1 - PAD - w, y, 0,
	            GLYPHS_CUT_END);
}
