/* How a timeline is wanted: lanes folded and sorted, bookmarks. Part of timeline-stage. */
#include "timeline/view/timeline-stage.h"

#include <glib/gi18n.h>

/* ---- lanes ---- */

static void first_times(const struct reader_histogram *h, int64_t ret[EVENT_CATEGORY_COUNT])
{
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		ret[c] = INT64_MAX;
	for (size_t i = h->n_bins; i-- > 0;)
		for (size_t c = 0; c < EVENT_CATEGORY_COUNT; c++)
			if (h->counts[i * EVENT_CATEGORY_COUNT + c])
				ret[c] = (int64_t)i;
}

void timeline_stage_sort(struct timeline_stage *t, enum lanes_sort how)
{
	int64_t first[EVENT_CATEGORY_COUNT];

	if (t->n_groups)
		timeline_stage_sort_groups(t, how);
	first_times(&t->overview, first);
	lanes_order(how, t->totals, first, t->order);
	t->sort = how;
}

void timeline_stage_move_lane(struct timeline_stage *t, enum event_category c, int by)
{
	int at = 0, to;

	while (at < EVENT_CATEGORY_COUNT && t->order[at] != c)
		at++;
	to = at + by;
	while (to >= 0 && to < EVENT_CATEGORY_COUNT && (t->order[to] == EVENT_NONE || t->totals[t->order[to]] == 0))
		to += by;
	if (at == EVENT_CATEGORY_COUNT || to < 0 || to >= EVENT_CATEGORY_COUNT)
		return;
	t->order[at] = t->order[to];
	t->order[to] = c;
}

bool timeline_stage_fold(struct timeline_stage *t, const struct lane *lane)
{
	if (lane->type == LANE_KIND)
		t->folded ^= 1u << lane->category;
	else if (lane->type == LANE_GROUP)
		t->groups[lane->group].folded = !t->groups[lane->group].folded;
	else if (lane->type == LANE_CHILDREN)
		t->children_folded = !t->children_folded;
	else
		return false;
	return true;
}

const struct lane *timeline_stage_lane_of(const struct timeline_stage *t, const struct timeline_target *g)
{
	static const enum lane_type types[] = { [TIMELINE_SEGMENT] = LANE_PROCESS, [TIMELINE_CHILD] = LANE_CHILDREN,
		                                [TIMELINE_MARK] = LANE_KIND };

	if (g->type == TIMELINE_LANE)
		return g->index < t->lanes.n ? &t->lanes.at[g->index] : NULL;
	if (g->type != TIMELINE_SEGMENT && g->type != TIMELINE_CHILD && g->type != TIMELINE_MARK)
		return NULL;
	for (size_t i = 0; i < t->lanes.n && g->type == TIMELINE_MARK && g->group; i++)
		if (t->lanes.at[i].type == LANE_GROUP && t->lanes.at[i].group == g->group - 1)
			return &t->lanes.at[i];
	for (size_t i = 0; i < t->lanes.n; i++)
		if (t->lanes.at[i].type == types[g->type] &&
		    (g->type != TIMELINE_MARK || t->lanes.at[i].category == g->category))
			return &t->lanes.at[i];
	return NULL;
}

/* ---- bookmarks ---- */

size_t timeline_stage_find_bookmark(const struct timeline_stage *t, int64_t ms)
{
	for (size_t i = 0; i < t->n_bookmarks; i++)
		if (t->bookmarks[i].ms == ms)
			return i;
	return SIZE_MAX;
}

size_t timeline_stage_add_bookmark(struct timeline_stage *t, int64_t ms, const char *name)
{
	size_t at = timeline_stage_find_bookmark(t, ms);

	if (at != SIZE_MAX)
		return at;
	at = t->n_bookmarks;
	if (at >= TIMELINE_MAX_BOOKMARKS)
		return SIZE_MAX;
	t->bookmarks = g_renew(struct timeline_bookmark, t->bookmarks, at + 1);
	for (; at > 0 && t->bookmarks[at - 1].ms > ms; at--)
		t->bookmarks[at] = t->bookmarks[at - 1];
	t->n_bookmarks++;
	t->bookmarks[at] = (struct timeline_bookmark){ ms, name ? g_strdup(name)
	                                                        : g_strdup_printf(_("Bookmark %zu"), t->n_bookmarks) };
	return at;
}

void timeline_stage_remove_bookmark(struct timeline_stage *t, size_t i)
{
	g_free(t->bookmarks[i].name);
	for (t->n_bookmarks--; i < t->n_bookmarks; i++)
		t->bookmarks[i] = t->bookmarks[i + 1];
	if (t->focus.type == TIMELINE_BOOKMARK)
		t->focus = (struct timeline_target){ 0 };
	if (t->hover.type == TIMELINE_BOOKMARK)
		t->hover = (struct timeline_target){ 0 };
}

/* What pointed at a bookmark points at the one of that time. */
static void point_again(const struct timeline_stage *t, struct timeline_target *g)
{
	if (g->type != TIMELINE_BOOKMARK)
		return;
	g->index = timeline_stage_find_bookmark(t, g->from_ms);
	if (g->index == SIZE_MAX)
		*g = (struct timeline_target){ 0 };
}

void timeline_stage_set_bookmarks(struct timeline_stage *t, const struct timeline_bookmark *list, size_t n)
{
	struct timeline_target focus = t->focus, hover = t->hover;

	while (t->n_bookmarks)
		timeline_stage_remove_bookmark(t, t->n_bookmarks - 1);
	for (size_t i = 0; i < n; i++)
		timeline_stage_add_bookmark(t, list[i].ms, list[i].name);
	point_again(t, &focus);
	point_again(t, &hover);
	t->focus = focus;
	t->hover = hover;
}

size_t timeline_stage_next_bookmark(const struct timeline_stage *t, int64_t ms, int step)
{
	for (size_t k = 0; k < t->n_bookmarks; k++) {
		size_t i = step > 0 ? k : t->n_bookmarks - 1 - k;

		if (step > 0 ? t->bookmarks[i].ms > ms : t->bookmarks[i].ms < ms)
			return i;
	}
	return SIZE_MAX;
}
