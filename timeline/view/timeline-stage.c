#include "timeline/view/timeline-stage.h"

#include <errno.h>
#include <math.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/map.h"

struct timeline_stage *timeline_stage_new(void)
{
	struct timeline_stage *t = g_new0(struct timeline_stage, 1);

	theme_init(&t->theme, false);
	t->width = t->height = 1;
	t->hover_x = -1;
	t->select_from = t->listed_from = 1;
	t->marker[0] = t->marker[1] = INT64_MIN;
	t->box_from = t->box_to = NAN;
	timeline_stage_sort(t, LANES_BY_KIND);
	scale_init(&t->scale, 0, 1, 1);
	return t;
}

static void forget_data(struct timeline_stage *t)
{
	arena_free(&t->texts);
	free(t->children);
	free(t->marks);
	free(t->bins.counts);
	free(t->child_bins.counts);
	free(t->overview.counts);
	free(t->hits.counts);
	t->children = NULL;
	t->marks = NULL;
	t->bins = t->child_bins = t->overview = t->hits = (struct reader_histogram){ 0 };
	t->n_children = t->n_marks = t->n_rows = 0;
	t->children_left_out = 0;
	t->first_row = 0;
	memset(t->totals, 0, sizeof(t->totals));
	t->columns.n = 0;
	timeline_stage_forget_groups(t);
}

void timeline_stage_free(struct timeline_stage *t)
{
	if (!t)
		return;
	forget_data(t);
	while (t->n_bookmarks)
		timeline_stage_remove_bookmark(t, t->n_bookmarks - 1);
	g_free(t->bookmarks);
	bins_free(&t->columns);
	arena_free(&t->subject);
	g_free(t->note);
	glyphs_free(t->glyphs);
	g_free(t);
}

void timeline_stage_set_look(struct timeline_stage *t, const struct theme *theme, PangoContext *context, bool rtl)
{
	double digit;

	t->theme = *theme;
	t->rtl = rtl;
	glyphs_free(t->glyphs);
	t->glyphs = glyphs_new(context);
	digit = glyphs_digit(t->glyphs, GLYPHS_MONO_SMALL);
	t->gutter = (int)(ceil((digit * 20 + 24) / 8) * 8);
	timeline_stage_set_size(t, t->width, t->height);
}

static double plot_width(const struct timeline_stage *t)
{
	return t->width > t->gutter + 1 ? t->width - t->gutter : 1;
}

void timeline_stage_set_size(struct timeline_stage *t, int width, int height)
{
	t->width = width;
	t->height = height;
	scale_set_width(&t->scale, plot_width(t));
	timeline_stage_update(t);
}

int timeline_stage_plot_x(const struct timeline_stage *t)
{
	return t->rtl ? 0 : t->gutter;
}

int timeline_stage_axis_height(const struct timeline_stage *t)
{
	return t->glyphs ? (int)ceil(2 * glyphs_height(t->glyphs, GLYPHS_MONO_SMALL)) + 12 : 40;
}

int timeline_stage_info_height(const struct timeline_stage *t)
{
	return t->glyphs ? (int)ceil(glyphs_height(t->glyphs, GLYPHS_MONO_SMALL)) + 12 : 24;
}

/* ---- the subject ---- */

/* Times come from somebody else's file: within what can be written, differences cannot overflow. 0 stays 0. */
static int64_t sane(int64_t ms)
{
	return ms < CLOCK_MIN ? CLOCK_MIN : ms > CLOCK_MAX ? CLOCK_MAX : ms;
}

static const struct reader_process *copy_process(struct arena *a, const struct reader_process *p)
{
	struct reader_process *copy = arena_alloc(a, sizeof(*copy));
	struct reader_image *images = arena_alloc(a, p->n_images * sizeof(*images));

	if (!copy || !images)
		return NULL;
	*copy = *p;
	copy->arena = ARENA_INIT;
	copy->start_ms = sane(p->start_ms);
	copy->end_ms = sane(p->end_ms);
	copy->images = images;
	for (size_t i = 0; i < p->n_images; i++) {
		images[i] = (struct reader_image){ .id = p->images[i].id, .start_ms = sane(p->images[i].start_ms),
			                           .end_ms = sane(p->images[i].end_ms), .origin = p->images[i].origin };
		images[i].executable = arena_copy(a, p->images[i].executable);
		images[i].comm = arena_copy(a, p->images[i].comm);
		images[i].command_line = arena_copy(a, p->images[i].command_line);
	}
	copy->host = copy->parent_executable = copy->parent_command_line = SPAN_NONE;
	return copy;
}

/* With some room, so that ends can be seen as ends. */
static void init_scale(struct timeline_stage *t, struct reader_range bounds)
{
	int64_t pad;

	t->bounds = bounds;
	scale_init(&t->scale, bounds.from_ms, bounds.to_ms, plot_width(t));
	pad = (t->scale.max_ms - t->scale.min_ms) / 40 + 1;
	scale_init(&t->scale, t->scale.min_ms - pad, t->scale.max_ms + pad, plot_width(t));
}

void timeline_stage_set_bounds(struct timeline_stage *t, struct reader_range bounds)
{
	struct scale_range shown = scale_visible(&t->scale);
	bool whole = shown.from_ms <= t->scale.min_ms && shown.to_ms >= t->scale.max_ms;

	init_scale(t, bounds);
	if (!whole)
		scale_set_range(&t->scale, shown.from_ms, shown.to_ms);
	timeline_stage_update(t);
}

int timeline_stage_set_subject(struct timeline_stage *t, const struct reader_process *process,
                               struct reader_range bounds, const struct gap *gaps, size_t n_gaps)
{
	forget_data(t);
	while (t->n_bookmarks)
		timeline_stage_remove_bookmark(t, t->n_bookmarks - 1);
	arena_free(&t->subject);
	t->process = NULL;
	t->gaps = NULL;
	t->n_gaps = 0;
	t->hover = t->focus = (struct timeline_target){ 0 };
	t->select_from = t->listed_from = 1;
	t->select_to = t->listed_to = 0;
	t->marker[0] = t->marker[1] = INT64_MIN;
	init_scale(t, bounds);
	if (process) {
		memcpy(t->totals, process->by_category, sizeof(t->totals));
		t->process = copy_process(&t->subject, process);
		if (!t->process)
			return -ENOMEM;
	}
	t->gaps = n_gaps ? arena_alloc(&t->subject, n_gaps * sizeof(*gaps)) : NULL;
	if (n_gaps && !t->gaps)
		return -ENOMEM;
	for (size_t i = 0; i < n_gaps; i++) {
		if (!gap_cause_is_drawn(gaps[i].cause))
			continue;
		t->gaps[t->n_gaps] = gaps[i];
		t->gaps[t->n_gaps].from_ms = sane(gaps[i].from_ms);
		t->gaps[t->n_gaps++].to_ms = sane(gaps[i].to_ms);
	}
	timeline_stage_update(t);
	return 0;
}

/* ---- the data ---- */

static int copy_histogram(struct reader_histogram *to, const struct reader_histogram *from)
{
	size_t n = from->n_bins <= READER_MAX_BINS && from->counts ? from->n_bins : 0;
	uint64_t *counts = calloc(n ? n : 1, EVENT_CATEGORY_COUNT * sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	if (n)
		memcpy(counts, from->counts, n * EVENT_CATEGORY_COUNT * sizeof(*counts));
	free(to->counts);
	*to = *from;
	to->n_bins = n;
	to->counts = counts;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct timeline_child *x = a, *y = b;

	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	return (x->process > y->process) - (x->process < y->process);
}

static int64_t child_end(const struct timeline_stage *t, const struct timeline_child *c)
{
	return c->end_ms ? c->end_ms : t->scale.max_ms;
}

/* Generous space between bars so that names fit, as long as that does not take too many rows. */
static int pack_children(struct timeline_stage *t)
{
	static const struct { double px; uint32_t rows; } tries[] = { { 110, 8 }, { 40, 12 }, { 3, UINT32_MAX } };
	double fit_ms_per_px = (double)(t->scale.max_ms - t->scale.min_ms) / t->scale.width;
	AUTO_FREE int64_t *from = malloc((t->n_children + 1) * sizeof(*from));
	AUTO_FREE int64_t *to = malloc((t->n_children + 1) * sizeof(*to));
	AUTO_FREE uint32_t *rows = malloc((t->n_children + 1) * sizeof(*rows));
	AUTO_FREE uint32_t *last = NULL;
	int r = 0;

	if (!from || !to || !rows)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_children; i++) {
		from[i] = t->children[i].start_ms;
		to[i] = child_end(t, &t->children[i]);
	}
	for (size_t k = 0; k < ARRAY_LEN(tries) && r == 0; k++) {
		r = lanes_pack(from, to, t->n_children, (int64_t)(tries[k].px * fit_ms_per_px), rows, &t->n_rows);
		if (t->n_rows <= tries[k].rows)
			break;
	}
	last = malloc((t->n_rows + 1) * sizeof(*last));
	if (r < 0 || !last)
		return -ENOMEM;
	memset(last, 0xff, (t->n_rows + 1) * sizeof(*last));
	for (size_t i = t->n_children; i-- > 0;) {
		t->children[i].row = rows[i];
		t->children[i].next = last[rows[i]];
		last[rows[i]] = (uint32_t)i;
	}
	return 0;
}

static void forget_children(struct timeline_stage *t)
{
	arena_free(&t->texts);
	t->n_children = 0;
}

static struct timeline_child new_child(struct timeline_stage *t, const struct reader_node *n)
{
	struct span command = n->command_line;

	command.n = command.n > 1024 ? 1024 : command.n; /* what a tooltip can show */
	return (struct timeline_child){
		.process = n->process, .pid = n->pid, .start_ms = sane(n->start_ms), .end_ms = sane(n->end_ms),
		.exit_code = n->exit_code, .signal = n->signal, .start_known = n->start_known,
		.name = arena_copy(&t->texts, n->name), .command_line = arena_copy(&t->texts, command),
	};
}

/* Adds those that were not met before. `index`: process id → place in children. */
static int merge_children(struct timeline_stage *t, const struct reader_timeline *data, struct map *index)
{
	size_t most = data->n_children < TIMELINE_MAX_CHILDREN ? data->n_children : TIMELINE_MAX_CHILDREN, before;
	struct timeline_child *grown;
	int r = 0;

	if (t->n_children + most > TIMELINE_MAX_CHILDREN)
		forget_children(t);
	grown = realloc(t->children, (t->n_children + most + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	t->children = grown;
	before = t->n_children;
	for (size_t i = 0; i < before && r == 0; i++)
		r = map_put(index, (uint64_t)t->children[i].process, i);
	for (size_t i = 0; i < most && r == 0; i++) {
		if (map_get(index, (uint64_t)data->children[i].process))
			continue;
		t->children[t->n_children] = new_child(t, &data->children[i]);
		r = map_put(index, (uint64_t)data->children[i].process, t->n_children++);
	}
	if (r < 0 || t->n_children == before)
		return r;
	qsort(t->children, t->n_children, sizeof(*t->children), by_start);
	for (size_t i = 0; i < t->n_children && r == 0; i++)
		r = map_put(index, (uint64_t)t->children[i].process, i);
	return r < 0 ? r : pack_children(t);
}

static int by_child(const void *a, const void *b)
{
	const struct timeline_mark *x = a, *y = b;

	if (x->child != y->child)
		return x->child < y->child ? -1 : 1;
	return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static int take_marks(struct timeline_stage *t, const struct reader_timeline *data, const struct map *index)
{
	const struct reader_histogram *h = &data->child_bins;
	size_t n = data->n_child_marks < READER_MAX_CHILD_MARKS ? data->n_child_marks : READER_MAX_CHILD_MARKS;
	struct timeline_mark *marks = malloc((n + 1) * sizeof(*marks));

	if (!marks)
		return -ENOMEM;
	free(t->marks);
	t->marks = marks;
	t->n_marks = 0;
	for (size_t i = 0; i < n && bins_usable(h); i++) {
		const struct reader_child_mark *m = &data->child_marks[i];
		uint64_t *at = m->child < data->n_children
		             ? map_get(index, (uint64_t)data->children[m->child].process) : NULL;

		if (!at || m->bin >= h->n_bins || m->category >= EVENT_CATEGORY_COUNT)
			continue;
		marks[t->n_marks++] = (struct timeline_mark){
			(uint32_t)*at, h->from_ms + (int64_t)m->bin * h->bin_ms, h->from_ms + ((int64_t)m->bin + 1) * h->bin_ms,
			(enum event_category)m->category, m->count };
	}
	qsort(marks, t->n_marks, sizeof(*marks), by_child);
	for (size_t i = 0; i < t->n_children; i++)
		t->children[i].first_mark = t->children[i].n_marks = 0;
	for (size_t i = t->n_marks; i-- > 0;) {
		t->children[marks[i].child].first_mark = i;
		t->children[marks[i].child].n_marks++;
	}
	return 0;
}

/* Without a process nobody told what there is: the most that was ever seen. */
static void learn_totals(struct timeline_stage *t)
{
	uint64_t sum[EVENT_CATEGORY_COUNT] = { 0 };

	for (size_t i = 0; i < t->bins.n_bins * EVENT_CATEGORY_COUNT; i++)
		sum[i % EVENT_CATEGORY_COUNT] += t->bins.counts[i];
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		t->totals[c] = sum[c] > t->totals[c] ? sum[c] : t->totals[c];
}

static bool covers_all(const struct timeline_stage *t, const struct reader_histogram *h)
{
	return bins_usable(h) && h->from_ms <= t->bounds.from_ms &&
	       h->from_ms + (int64_t)h->n_bins * h->bin_ms >= t->bounds.to_ms;
}

int timeline_stage_set_hits(struct timeline_stage *t, const struct reader_histogram *hits)
{
	static const struct reader_histogram none = { 0 };

	return copy_histogram(&t->hits, hits ? hits : &none);
}

int timeline_stage_set_data(struct timeline_stage *t, const struct reader_timeline *data)
{
	struct map index = MAP_INIT;
	int r = copy_histogram(&t->bins, &data->bins);

	if (r == 0 && covers_all(t, &data->bins))
		r = copy_histogram(&t->overview, &data->bins);

	r = r < 0 ? r : copy_histogram(&t->child_bins, &data->child_bins);
	r = r < 0 ? r : merge_children(t, data, &index);
	r = r < 0 ? r : take_marks(t, data, &index);
	map_free(&index);
	t->children_left_out = data->children_left_out;
	learn_totals(t);
	timeline_stage_update(t);
	return r;
}

bool timeline_stage_has_enough(const struct timeline_stage *t, struct bins_want *ret_want)
{
	if (bins_enough(&t->bins, &t->scale, TIMELINE_COLUMN_PX))
		return true;
	*ret_want = bins_wanted(&t->scale, TIMELINE_COLUMN_PX);
	return false;
}

void timeline_stage_update(struct timeline_stage *t)
{
	bool folded[TIMELINE_MAX_GROUPS];
	struct lanes_request r = {
		.top = timeline_stage_axis_height(t), .process = t->process != NULL, .child_rows = t->n_rows,
		.by_category = t->totals, .order = t->order, .folded = t->folded, .children_folded = t->children_folded,
	};

	r.height = t->height - r.top - timeline_stage_info_height(t) - timeline_minimap_height(t);
	for (size_t i = 0; i < t->n_groups; i++)
		folded[i] = t->groups[i].folded;
	r.n_groups = t->n_groups;
	r.first_group = t->first_group;
	r.group_folded = folded;
	lanes_arrange(&r, &t->lanes);
	if (t->first_row + t->lanes.child_rows_seen > t->lanes.child_rows)
		t->first_row = t->lanes.child_rows - t->lanes.child_rows_seen;
	if (bins_merge(&t->bins, &t->scale, TIMELINE_COLUMN_PX, &t->columns) < 0)
		t->columns.n = 0;
	bins_greatest(&t->bins, bins_group(&t->bins, &t->scale, TIMELINE_COLUMN_PX), t->greatest);
}

void timeline_stage_set_marker(struct timeline_stage *t, int which, int64_t ms)
{
	ms = ms < CLOCK_MIN ? CLOCK_MIN : ms > CLOCK_MAX ? CLOCK_MAX : ms;
	t->marker[which] = t->marker[which] == ms ? INT64_MIN : ms;
}
