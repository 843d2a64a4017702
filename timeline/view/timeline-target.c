/* What can be pointed at in a timeline: finding, placing, naming, walking. Part of timeline-stage. */
#include "timeline/view/timeline-stage.h"

#include <glib/gi18n.h>
#include <math.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "timeline/view/words.h"

enum { REACH = 5 };

static int64_t end_or_now(const struct timeline_stage *t, int64_t end_ms)
{
	return end_ms ? end_ms : t->scale.max_ms;
}

/* ---- making ---- */

static struct timeline_target of_segment(const struct timeline_stage *t, size_t i)
{
	const struct reader_image *image = &t->process->images[i];

	return (struct timeline_target){ .type = TIMELINE_SEGMENT, .index = i, .from_ms = image->start_ms,
		                         .to_ms = end_or_now(t, image->end_ms), .process = t->process->id };
}

static struct timeline_target of_child(const struct timeline_stage *t, size_t i)
{
	const struct timeline_child *c = &t->children[i];

	return (struct timeline_target){ .type = TIMELINE_CHILD, .index = i, .from_ms = c->start_ms,
		                         .to_ms = end_or_now(t, c->end_ms), .process = c->process };
}

static struct timeline_target of_mark(const struct timeline_stage *t, const struct bins_column *c,
                                      enum event_category category)
{
	return (struct timeline_target){ .type = TIMELINE_MARK, .from_ms = c->from_ms, .to_ms = c->to_ms,
		                         .category = category, .count = c->counts[category],
		                         .process = t->process ? t->process->id : 0 };
}

static struct timeline_target of_group(const struct timeline_stage *t, const struct bins_column *c, size_t group)
{
	return (struct timeline_target){ .type = TIMELINE_MARK, .from_ms = c->from_ms, .to_ms = c->to_ms, .count = c->total,
		                         .process = t->groups[group].key, .group = group + 1 };
}

static struct timeline_target of_gap(const struct timeline_stage *t, size_t i)
{
	return (struct timeline_target){ .type = TIMELINE_GAP, .index = i, .from_ms = t->gaps[i].from_ms,
		                         .to_ms = t->gaps[i].to_ms };
}

static struct timeline_target of_bookmark(const struct timeline_stage *t, size_t i)
{
	return (struct timeline_target){ .type = TIMELINE_BOOKMARK, .index = i, .from_ms = t->bookmarks[i].ms,
		                         .to_ms = t->bookmarks[i].ms };
}

static struct timeline_target of_lane(const struct timeline_stage *t, size_t i)
{
	const struct lane *lane = &t->lanes.at[i];

	if (lane->type == LANE_GROUP)
		return (struct timeline_target){ .type = TIMELINE_LANE, .index = i, .count = t->groups[lane->group].total,
			                         .group = lane->group + 1 };
	return (struct timeline_target){ .type = TIMELINE_LANE, .index = i, .category = lane->category,
		                         .count = lane->type == LANE_KIND ? t->totals[lane->category] : 0 };
}

bool timeline_stage_same(const struct timeline_target *a, const struct timeline_target *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == TIMELINE_MARK)
		return a->from_ms == b->from_ms && a->to_ms == b->to_ms && a->category == b->category &&
		       a->group == b->group;
	return a->type == TIMELINE_NOTHING || (a->index == b->index && a->process == b->process);
}

/* ---- finding ---- */

static double distance(const struct timeline_stage *t, int64_t from, int64_t to, double x)
{
	double a = scale_x(&t->scale, from), b = fmax(scale_x(&t->scale, to), a + 2);

	return x < a ? a - x : x > b ? x - b : 0;
}

static struct timeline_target hit_segment(const struct timeline_stage *t, double x)
{
	for (size_t i = 0; i < t->process->n_images; i++)
		if (distance(t, t->process->images[i].start_ms, end_or_now(t, t->process->images[i].end_ms), x) <= 0)
			return of_segment(t, i);
	return (struct timeline_target){ 0 };
}

static struct timeline_target hit_child(const struct timeline_stage *t, const struct lane *lane, double x, double y)
{
	struct timeline_target best = { 0 };
	double nearest = REACH;
	uint32_t row;

	if (y < lane->y + 4 || t->lanes.child_row_h <= 0)
		return best;
	row = t->children_folded ? 0 : t->first_row + (uint32_t)((y - lane->y - 4) / t->lanes.child_row_h);
	for (size_t i = 0; i < t->n_children; i++) {
		double d;

		if (t->children[i].row != row && !t->children_folded)
			continue;
		d = distance(t, t->children[i].start_ms, end_or_now(t, t->children[i].end_ms), x);
		if (d < nearest) {
			nearest = d;
			best = of_child(t, i);
		}
	}
	return best;
}

static struct timeline_target hit_gap(const struct timeline_stage *t, double x)
{
	for (size_t i = 0; i < t->n_gaps; i++)
		if (distance(t, t->gaps[i].from_ms, t->gaps[i].to_ms, x) <= 2)
			return of_gap(t, i);
	return (struct timeline_target){ 0 };
}

static struct timeline_target hit_group(const struct timeline_stage *t, size_t group, double x)
{
	struct bins b = timeline_groups_columns(t, group);
	const struct bins_column *c = bins_nearest(&b, x, REACH, EVENT_NONE);
	struct timeline_target found = c ? of_group(t, c, group) : (struct timeline_target){ 0 };

	bins_free(&b);
	return found;
}

static struct timeline_target hit_bookmark(const struct timeline_stage *t, double x)
{
	for (size_t i = t->n_bookmarks; i-- > 0;)
		if (distance(t, t->bookmarks[i].ms, t->bookmarks[i].ms, x) <= REACH)
			return of_bookmark(t, i);
	return (struct timeline_target){ 0 };
}

/* In the gutter. */
static struct timeline_target hit_lane(const struct timeline_stage *t, const struct lane *lane)
{
	return lane && lane->type != LANE_PROCESS ? of_lane(t, (size_t)(lane - t->lanes.at)) : (struct timeline_target){ 0 };
}

struct timeline_target timeline_stage_hit(const struct timeline_stage *t, double x, double y)
{
	const struct lane *lane = lanes_at(&t->lanes, (int)y);
	struct timeline_target found = { 0 };
	const struct bins_column *c;

	x -= timeline_stage_plot_x(t);
	if (y < 0 || y >= t->height - timeline_stage_info_height(t) - timeline_minimap_height(t))
		return found;
	if (x < 0 || x >= t->scale.width)
		return hit_lane(t, lane);
	if (y < timeline_stage_axis_height(t))
		return hit_bookmark(t, x);
	if (lane && lane->type == LANE_PROCESS)
		found = hit_segment(t, x);
	if (lane && lane->type == LANE_CHILDREN)
		found = hit_child(t, lane, x, y);
	if (lane && lane->type == LANE_KIND) {
		c = bins_nearest(&t->columns, x, REACH, lane->category);
		if (c)
			found = of_mark(t, c, lane->category);
	}
	if (lane && lane->type == LANE_GROUP)
		found = hit_group(t, lane->group, x);
	return found.type == TIMELINE_NOTHING ? hit_gap(t, x) : found;
}

/* ---- placing ---- */

static bool child_rectangle(const struct timeline_stage *t, size_t index, double *y, double *h)
{
	uint32_t row = index < t->n_children ? t->children[index].row : UINT32_MAX;

	if (row == UINT32_MAX || (!t->children_folded && (row < t->first_row ||
	                          row >= t->first_row + t->lanes.child_rows_seen)))
		return false;
	*y += t->children_folded ? 0 : (row - t->first_row) * (double)t->lanes.child_row_h;
	*h = t->lanes.child_row_h;
	return true;
}

static bool lane_rectangle(const struct timeline_stage *t, const struct timeline_target *g, double *ret_y, double *ret_h)
{
	const struct lane *lane = timeline_stage_lane_of(t, g);
	int axis = timeline_stage_axis_height(t);

	if (g->type == TIMELINE_GAP || g->type == TIMELINE_BOOKMARK) {
		*ret_y = g->type == TIMELINE_GAP ? axis : axis / 2.0;
		*ret_h = g->type == TIMELINE_GAP ? t->lanes.bottom - axis : axis / 2.0;
		return *ret_h > 0;
	}
	if (!lane)
		return false;
	*ret_y = lane->y + 4;
	*ret_h = lane->h - 8;
	return g->type != TIMELINE_CHILD || child_rectangle(t, g->index, ret_y, ret_h);
}

bool timeline_stage_place(const struct timeline_stage *t, const struct timeline_target *g, cairo_rectangle_t *ret)
{
	double x0 = scale_x(&t->scale, g->from_ms), x1 = fmax(scale_x(&t->scale, g->to_ms), x0 + 2), y, h;

	if (g->type == TIMELINE_LANE && lane_rectangle(t, g, &y, &h)) {
		*ret = (cairo_rectangle_t){ t->rtl ? t->scale.width + 4 : 4, y, t->gutter - 8, h };
		return true;
	}
	if (g->type == TIMELINE_NOTHING || g->type == TIMELINE_LANE || x1 <= 0 || x0 >= t->scale.width ||
	    !lane_rectangle(t, g, &y, &h))
		return false;
	x0 = fmax(x0, 0);
	x1 = fmin(x1, t->scale.width);
	*ret = (cairo_rectangle_t){ timeline_stage_plot_x(t) + x0, y, x1 - x0, h };
	return true;
}

/* ---- naming ---- */

static void describe_life(struct buf *out, int64_t start_ms, int64_t end_ms, bool start_known, bool lines)
{
	buf_add_z(out, lines ? "\n" : " · ");
	words_life(out, start_ms, end_ms, start_known);
	if (end_ms) {
		buf_add_z(out, " · ");
		words_duration(out, end_ms - start_ms);
	}
}

static void describe_segment(const struct timeline_stage *t, size_t i, bool lines, struct buf *out)
{
	const struct reader_image *image = &t->process->images[i];

	text_visible(out, image->executable.p ? image->executable : image->comm);
	if (image->command_line.p) {
		buf_add_z(out, lines ? "\n" : " · ");
		text_visible(out, image->command_line);
	}
	describe_life(out, image->start_ms, image->end_ms, i > 0 || t->process->start_known, lines);
	if (i + 1 == t->process->n_images) {
		buf_add_z(out, lines ? "\n" : " · ");
		words_end(out, t->process->end_ms, t->process->exit_code, t->process->signal);
	}
}

static void describe_child(const struct timeline_stage *t, const struct timeline_child *c, bool lines, struct buf *out)
{
	text_visible(out, c->name);
	buf_printf(out, " %lld", (long long)c->pid);
	if (c->command_line.p) {
		buf_add_z(out, lines ? "\n" : " · ");
		text_visible(out, c->command_line);
	}
	describe_life(out, c->start_ms, c->end_ms, c->start_known, lines);
	buf_add_z(out, lines ? "\n" : " · ");
	words_end(out, c->end_ms, c->exit_code, c->signal);
	if (t->note)
		buf_printf(out, "%s%s", lines ? "\n" : " · ", t->note);
}

static void describe_gap(const struct gap *g, bool lines, struct buf *out)
{
	const char *cause = gap_cause_name(g->cause);

	if (g->count >= 0)
		buf_printf(out, ngettext("%s event lost", "%s events lost", (uint64_t)g->count), WORDS_NUMBER((uint64_t)g->count));
	else
		buf_add_z(out, _("Not recorded"));
	buf_printf(out, " (%s)", cause ? _(cause) : _("cause unknown"));
	buf_add_z(out, lines ? "\n" : " · ");
	words_range(out, g->from_ms, g->to_ms);
	if (g->to_ms > g->from_ms) {
		buf_add_z(out, " · ");
		words_duration(out, g->to_ms - g->from_ms);
	}
}

static void describe_lane(const struct timeline_stage *t, const struct timeline_target *g, struct buf *out)
{
	const struct lane *lane = timeline_stage_lane_of(t, g);

	if (!lane)
		return;
	if (lane->type == LANE_GROUP) {
		text_visible(out, timeline_groups_name(t, lane->group));
		buf_add_z(out, ": ");
		words_events(out, g->count);
	} else if (lane->type == LANE_CHILDREN) {
		buf_printf(out, _("Children: %s"), WORDS_NUMBER(t->n_children));
	} else {
		buf_printf(out, "%s: ", theme_kind_name(g->category));
		words_events(out, g->count);
	}
	buf_add_z(out, " · ");
	buf_add_z(out, lane->folded ? _("folded") : _("click folds, right click sorts"));
}

void timeline_stage_describe(const struct timeline_stage *t, const struct timeline_target *g, bool lines,
                             struct buf *out)
{
	AUTO_BUF name = BUF_INIT;

	switch (g->type) {
	case TIMELINE_SEGMENT:
		describe_segment(t, g->index, lines, out);
		break;
	case TIMELINE_CHILD:
		describe_child(t, &t->children[g->index], lines, out);
		break;
	case TIMELINE_GAP:
		describe_gap(&t->gaps[g->index], lines, out);
		break;
	case TIMELINE_MARK:
		if (g->group)
			text_visible(out, timeline_groups_name(t, g->group - 1));
		else
			buf_add_z(out, theme_kind_name(g->category));
		buf_add_z(out, ": ");
		words_events(out, g->count);
		buf_add_z(out, lines ? "\n" : " · ");
		words_range(out, g->from_ms, g->to_ms - 1);
		break;
	case TIMELINE_LANE:
		describe_lane(t, g, out);
		break;
	case TIMELINE_BOOKMARK:
		text_visible(&name, span_of(t->bookmarks[g->index].name));
		buf_printf(out, _("Bookmark: %s"), name.n ? name.p : "");
		buf_add_z(out, lines ? "\n" : " · ");
		words_time(out, g->from_ms);
		break;
	default:
		break;
	}
}

void timeline_stage_summary(const struct timeline_stage *t, struct buf *out)
{
	struct scale_range seen = scale_visible(&t->scale);
	AUTO_BUF from = BUF_INIT, to = BUF_INIT;

	words_time(&from, seen.from_ms);
	words_time(&to, seen.to_ms);
	if (from.failed || to.failed)
		return;
	if (t->process) /* Translators: PID, time, time */
		buf_printf(out, _("Process %lld, shown from %s to %s UTC."), (long long)t->process->pid, from.p, to.p);
	else
		buf_printf(out, _("The whole recording, shown from %s to %s UTC."), from.p, to.p);
	for (int c = EVENT_NONE + 1; c < EVENT_CATEGORY_COUNT; c++) {
		if (t->totals[c] == 0)
			continue;
		buf_printf(out, " %s: ", theme_kind_name((enum event_category)c));
		words_events(out, t->totals[c]);
		buf_add_char(out, '.');
	}
	if (t->n_gaps) {
		buf_add_char(out, ' ');
		buf_printf(out, ngettext("%s gap.", "%s gaps.", t->n_gaps), WORDS_NUMBER(t->n_gaps));
	}
}

/* ---- walking ---- */

static size_t marks_in(const struct timeline_stage *t, enum event_category c)
{
	size_t n = 0;

	for (size_t i = 0; i < t->columns.n; i++)
		n += t->columns.at[i].counts[c] > 0;
	return n;
}

static size_t group_marks(const struct timeline_stage *t, size_t group)
{
	struct bins b = timeline_groups_columns(t, group);
	size_t n = b.n;

	bins_free(&b);
	return n;
}

static struct timeline_target nth_group_mark(const struct timeline_stage *t, size_t group, size_t i)
{
	struct bins b = timeline_groups_columns(t, group);
	struct timeline_target g = i < b.n ? of_group(t, &b.at[i], group) : (struct timeline_target){ 0 };

	bins_free(&b);
	return g;
}

size_t timeline_stage_n_targets(const struct timeline_stage *t)
{
	size_t n = t->n_children + t->n_gaps + t->n_bookmarks + (t->process ? t->process->n_images : 0);

	for (size_t i = 0; i < t->lanes.n; i++)
		n += t->lanes.at[i].type != LANE_PROCESS;
	for (size_t i = 0; i < t->lanes.n; i++)
		if (t->lanes.at[i].type == LANE_KIND)
			n += marks_in(t, t->lanes.at[i].category);
		else if (t->lanes.at[i].type == LANE_GROUP)
			n += group_marks(t, t->lanes.at[i].group);
	return n;
}

static struct timeline_target nth_mark(const struct timeline_stage *t, enum event_category c, size_t i)
{
	for (size_t k = 0; k < t->columns.n; k++)
		if (t->columns.at[k].counts[c] > 0 && i-- == 0)
			return of_mark(t, &t->columns.at[k], c);
	return (struct timeline_target){ 0 };
}

struct timeline_target timeline_stage_target(const struct timeline_stage *t, size_t i)
{
	size_t images = t->process ? t->process->n_images : 0;

	if (i < images)
		return of_segment(t, i);
	i -= images;
	if (i < t->n_children)
		return of_child(t, i);
	i -= t->n_children;
	for (size_t k = 0; k < t->lanes.n; k++) {
		size_t n;

		bool group = t->lanes.at[k].type == LANE_GROUP;

		if (t->lanes.at[k].type != LANE_KIND && !group)
			continue;
		n = group ? group_marks(t, t->lanes.at[k].group) : marks_in(t, t->lanes.at[k].category);
		if (i < n)
			return group ? nth_group_mark(t, t->lanes.at[k].group, i) : nth_mark(t, t->lanes.at[k].category, i);
		i -= n;
	}
	if (i < t->n_gaps)
		return of_gap(t, i);
	i -= t->n_gaps;
	if (i < t->n_bookmarks)
		return of_bookmark(t, i);
	i -= t->n_bookmarks;
	for (size_t k = 0; k < t->lanes.n; k++)
		if (t->lanes.at[k].type != LANE_PROCESS && i-- == 0)
			return of_lane(t, k);
	return (struct timeline_target){ 0 };
}

struct timeline_target timeline_stage_step(const struct timeline_stage *t, const struct timeline_target *from, int step)
{
	size_t n = timeline_stage_n_targets(t), at = n;
	cairo_rectangle_t r;

	for (size_t i = 0; i < n && at == n && from->type != TIMELINE_NOTHING; i++) {
		struct timeline_target g = timeline_stage_target(t, i);

		at = timeline_stage_same(&g, from) ? i : at;
	}
	if (at == n)
		at = step > 0 ? (size_t)-1 : n;
	for (at += (size_t)step; at < n; at += (size_t)step) {
		struct timeline_target g = timeline_stage_target(t, at);

		if (timeline_stage_place(t, &g, &r))
			return g;
	}
	return (struct timeline_target){ 0 };
}
