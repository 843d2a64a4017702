#include "gui/timeline-pane.h"

#include "agent/base/clock.h"
#include "gui/bookmark-list.h"
#include "gui/event-column.h"
#include "gui/find-text.h"
#include "gui/grid-notes.h"
#include "gui/i18n.h"
#include "gui/notes.h"
#include "gui/value-menu.h"
#include "gui/view-bar.h"
#include "gui/view-export.h"

enum { MAX_CHILDREN = 500, MAX_GROUPS = 300, MAX_STORY = READER_MAX_LANES };

/* What a logon caused, kept to name its marks. */
struct story {
	struct arena arena;
	struct reader_node *nodes; /* but the first */
	size_t n;
};

struct _TimelinePane {
	GtkBox parent;
	Source *source; /* NULL once stopped */
	Notes *notes;
	GtkWidget *bar, *view, *legend, *state;
	enum { OVER_PROCESS, OVER_RECORDING, OVER_STORY } over;
	gint64 process;
	char *within;   /* what the timeline is limited to: an expression, NULL everything */
	enum reader_group by; /* OVER_RECORDING */
	struct story story;   /* OVER_STORY */
	char *find;     /* expression, NULL none */
	gint64 found_ms; /* where the search stands; G_MININT64 nowhere yet */
	struct reader_range bounds;
	enum reader_order end_order; /* of end_call */
	GCancellable *end_call, *data_call, *hits_call, *count_call, *step_call;
};
G_DEFINE_FINAL_TYPE(TimelinePane, timeline_pane, GTK_TYPE_BOX)

static GCancellable *renew(GCancellable **call)
{
	g_cancellable_cancel(*call);
	g_clear_object(call);
	*call = g_cancellable_new();
	return *call;
}

/* ---- data ---- */

static void on_timeline(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_timeline t;

	if (!source_timeline_finish(SPOOR_SOURCE(object), result, &t, &error))
		return;
	if (self->source)
		timeline_view_set_data(TIMELINE_VIEW(self->view), &t);
	reader_timeline_free(&t);
}

static void on_hits(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_histogram h;

	if (!source_histogram_finish(SPOOR_SOURCE(object), result, &h, &error))
		return;
	if (self->source && self->find)
		timeline_view_set_hits(TIMELINE_VIEW(self->view), &h);
	reader_histogram_free(&h);
}

/* A histogram is a timeline without children. */
static void on_histogram(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_timeline t = { 0 };

	if (!source_histogram_finish(SPOOR_SOURCE(object), result, &t.bins, &error))
		return;
	t.child_bins = t.bins;
	if (self->source)
		timeline_view_set_data(TIMELINE_VIEW(self->view), &t);
	reader_histogram_free(&t.bins);
}

/* One lane for each process: marks on bars, and all together as bins. */
static void show_story(TimelinePane *self, const struct reader_lanes *l)
{
	size_t each = l->n_bins * EVENT_CATEGORY_COUNT;
	g_autofree guint64 *sums = g_new0(guint64, each + 1);
	g_autofree struct reader_child_mark *marks = g_new(struct reader_child_mark, READER_MAX_CHILD_MARKS);
	g_autoptr(GHashTable) index = g_hash_table_new(g_int64_hash, g_int64_equal);
	struct reader_timeline t = { .bins = { l->from_ms, l->bin_ms, l->n_bins, sums }, .children = self->story.nodes,
		                     .n_children = self->story.n, .child_marks = marks };

	for (size_t i = 0; i < self->story.n; i++)
		g_hash_table_insert(index, &self->story.nodes[i].process, GSIZE_TO_POINTER(i + 1));
	for (size_t i = 0; i < l->n; i++) {
		size_t child = GPOINTER_TO_SIZE(g_hash_table_lookup(index, &l->lanes[i].key));

		for (size_t k = 0; k < each; k++) {
			sums[k] += l->lanes[i].counts[k];
			if (child && l->lanes[i].counts[k] && t.n_child_marks < READER_MAX_CHILD_MARKS)
				marks[t.n_child_marks++] = (struct reader_child_mark){ (uint32_t)(child - 1),
					(uint32_t)(k / EVENT_CATEGORY_COUNT), k % EVENT_CATEGORY_COUNT, l->lanes[i].counts[k] };
		}
	}
	t.child_bins = t.bins;
	timeline_view_set_data(TIMELINE_VIEW(self->view), &t);
}

static void on_lanes(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_lanes l;

	if (!source_lanes_finish(SPOOR_SOURCE(object), result, &l, &error)) {
		if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			gtk_label_set_text(GTK_LABEL(self->state), error->message);
		return;
	}
	if (self->source && self->over == OVER_STORY)
		show_story(self, &l);
	else if (self->source && self->by != READER_BY_KIND)
		timeline_view_set_lanes(TIMELINE_VIEW(self->view), &l);
	gtk_label_set_text(GTK_LABEL(self->state), l.left_out ? _("those with the fewest events are left out") : "");
	reader_lanes_free(&l);
}

static void ask_lanes(TimelinePane *self, struct reader_range range, guint n_bins)
{
	struct source_query q = { self->within, range };
	gboolean story = self->over == OVER_STORY;
	gsize lanes = story ? MIN(self->story.n + 1, MAX_STORY) : MAX_GROUPS;

	gtk_label_set_text(GTK_LABEL(self->state), _("reading…"));
	source_lanes_async(self->source, &q, story ? READER_BY_PROCESS : self->by,
	                   MIN(n_bins, READER_MAX_LANE_COUNTS / lanes), lanes, renew(&self->data_call), on_lanes,
	                   g_object_ref(self));
}

static void on_need_data(TimelinePane *self, gint64 from, gint64 to, guint n_bins)
{
	struct source_query hits = { self->find, { from, to } }, all = { self->within, { from, to } };
	gsize n = MIN(n_bins, READER_MAX_BINS);

	if (!self->source || !n_bins)
		return;
	if (self->over == OVER_PROCESS && self->process)
		source_timeline_async(self->source, self->process, all.range, n, MAX_CHILDREN, renew(&self->data_call),
		                      on_timeline, g_object_ref(self));
	else if (self->over == OVER_RECORDING && self->by == READER_BY_KIND)
		source_histogram_async(self->source, &all, n, renew(&self->data_call), on_histogram, g_object_ref(self));
	else if (self->over != OVER_PROCESS)
		ask_lanes(self, all.range, n_bins);
	if (self->find)
		source_histogram_async(self->source, &hits, n, renew(&self->hits_call), on_hits, g_object_ref(self));
}

/* ---- finding ---- */

static void on_count(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_count count;
	g_autofree char *n = NULL, *words = NULL;

	if (!source_count_finish(SPOOR_SOURCE(object), result, &count, &error)) {
		if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			view_bar_set_found(VIEW_BAR(self->bar), error->message);
		return;
	}
	n = event_number(count.total);
	words = count.total ? g_strdup_printf(ngettext("%s event found", "%s events found", count.total), n)
	                    : g_strdup(_("nothing found"));
	if (self->find)
		view_bar_set_found(VIEW_BAR(self->bar), words);
	reader_count_free(&count);
}

static void on_find_changed(TimelinePane *self, const char *typed)
{
	struct source_query q = { NULL, READER_ALL_TIME };

	g_free(self->find);
	self->find = find_text_expression(typed, self->within, NULL);
	self->found_ms = G_MININT64;
	renew(&self->hits_call);
	renew(&self->count_call);
	renew(&self->step_call);
	timeline_view_set_hits(TIMELINE_VIEW(self->view), NULL);
	if (!self->find || !self->source) {
		view_bar_set_found(VIEW_BAR(self->bar), "");
		return;
	}
	q.expression = self->find;
	timeline_view_ask_again(TIMELINE_VIEW(self->view));
	source_count_async(self->source, &q, 0, self->count_call, on_count, g_object_ref(self));
}

static void on_step(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	g_autoptr(GError) error = NULL;
	struct reader_page page;

	if (!source_page_finish(SPOOR_SOURCE(object), result, &page, &error))
		return;
	if (self->source && page.n) {
		const struct reader_row *row = &page.rows[0];

		self->found_ms = row->time_ms;
		timeline_view_select(TIMELINE_VIEW(self->view), row->time_ms, row->time_ms + row->span_ms,
		                     (enum event_category)row->category);
		g_signal_emit_by_name(self->view, "selection-changed", row->time_ms, row->time_ms + row->span_ms + 1,
		                      (guint)row->category);
	}
	if (self->source && !page.n)
		view_bar_set_found(VIEW_BAR(self->bar), _("no more that way"));
	reader_page_free(&page);
}

/* The next event after where the search stands, whatever is in sight. */
static void on_find_step(TimelinePane *self, int by)
{
	struct source_query q = { self->find, READER_ALL_TIME };
	struct reader_place at = { by > 0 ? READER_OLDEST_FIRST : READER_NEWEST_FIRST, 0, 0 };

	if (!self->find || !self->source)
		return;
	if (self->found_ms != G_MININT64 && by > 0)
		q.range.from_ms = self->found_ms + 1;
	else if (self->found_ms != G_MININT64)
		q.range.to_ms = self->found_ms;
	source_page_async(self->source, &q, at, 1, renew(&self->step_call), on_step, g_object_ref(self));
}

static void on_find_closed(TimelinePane *self)
{
	gtk_widget_grab_focus(self->view);
}

/* ---- bookmarks ---- */

static void show_bookmarks(TimelinePane *self)
{
	gsize n;
	const struct casefile_bookmark *all = notes_bookmarks(self->notes, &n);
	g_autofree gint64 *times = g_new(gint64, n + 1);
	g_auto(GStrv) names = g_new0(char *, n + 1);

	for (gsize i = 0; i < n; i++) {
		times[i] = all[i].time_ms;
		names[i] = g_strndup(all[i].name.p, all[i].name.n);
	}
	timeline_view_set_bookmarks(TIMELINE_VIEW(self->view), times, (const char *const *)names, n);
}

static void on_bookmark_changed(TimelinePane *self, gint64 ms, const char *before, const char *after)
{
	notes_set_bookmark(self->notes, ms, self->over == OVER_RECORDING ? 0 : self->process, before, after);
}

/* What could not be kept is not shown as if it were. */
static void on_notes_failed(TimelinePane *self, const char *line)
{
	show_bookmarks(self);
	gtk_label_set_text(GTK_LABEL(self->state), line);
	gtk_widget_set_tooltip_text(self->state, line);
	gtk_widget_error_bell(self->view);
}

static void add_bookmarks(TimelinePane *self)
{
	self->notes = g_object_ref(notes_of(self->source));
	view_bar_pack(VIEW_BAR(self->bar), bookmark_list_new(self->notes, TIMELINE_VIEW(self->view)), FALSE);
	grid_notes_add_undo(GTK_WIDGET(self), self->notes);
	g_signal_connect_swapped(self->view, "bookmark-changed", G_CALLBACK(on_bookmark_changed), self);
	g_signal_connect_object(self->notes, "changed", G_CALLBACK(show_bookmarks), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->notes, "failed", G_CALLBACK(on_notes_failed), self, G_CONNECT_SWAPPED);
	show_bookmarks(self);
}

/* ---- what is pointed at, as an expression ---- */

static char *within_time(char *condition, gint64 from, gint64 to)
{
	g_autofree char *owned = condition, *range = NULL;
	char a[CLOCK_TEXT], b[CLOCK_TEXT];

	if (from > to)
		return g_steal_pointer(&owned);
	clock_format(from, a);
	clock_format(to, b);
	range = g_strdup_printf("@timestamp >= \"%s\" and @timestamp < \"%s\"", a, b);
	return event_column_join(owned, range);
}

char *timeline_pane_lane_expression(TimelinePane *self, gint64 key, const char *name, gint64 from, gint64 to)
{
	static const char *const fields[] = { [READER_BY_USER] = "user.name", [READER_BY_EXECUTABLE] = "process.executable",
		                              [READER_BY_CONTAINER] = "process.cgroup" };
	const char *field = self->by < G_N_ELEMENTS(fields) ? fields[self->by] : NULL;
	g_autofree char *condition = NULL, *escaped = name ? g_strescape(name, NULL) : NULL;

	if (self->by == READER_BY_PROCESS)
		condition = g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT, key);
	else if (!field)
		return NULL;
	else if (name)
		condition = g_strdup_printf("%s %s \"%s\"", field, self->by == READER_BY_CONTAINER ? "contains" : "==", escaped);
	else
		condition = g_strdup_printf("not %s exists", field);
	return within_time(event_column_join(self->within, condition), from, to);
}

char *timeline_pane_mark_expression(TimelinePane *self, enum event_category category, gint64 from, gint64 to)
{
	const char *name = event_category_name(category);
	g_autofree char *condition = name ? g_strdup_printf("event.category == %s", name) : NULL;

	return condition ? within_time(event_column_join(self->within, condition), from, to) : NULL;
}

/* On a bar the process counts, not where the timeline is limited to. */
static char *meant_expression(TimelinePane *self, const struct timeline_meant *m)
{
	const char *kind = event_category_name(m->category);

	if (m->in_lane)
		return timeline_pane_lane_expression(self, m->key, m->name, m->from_ms, m->to_ms);
	if (!m->process)
		return timeline_pane_mark_expression(self, m->category, m->from_ms, m->to_ms);
	return within_time(kind ? g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT " and event.category == %s",
	                                          (gint64)m->process, kind)
	                        : g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT, (gint64)m->process),
	                   m->from_ms, m->to_ms);
}

static void on_populate(TimelinePane *self, GtkWidget *menu)
{
	TimelineView *view = TIMELINE_VIEW(self->view);
	g_autofree char *expression = NULL, *words = NULL;
	struct timeline_meant m;

	if (!timeline_view_get_meant(view, &m))
		return;
	expression = meant_expression(self, &m);
	words = timeline_view_describe_meant(view);
	value_menu_add_value(menu, words, words, expression);
}

/* ---- tools ---- */

static void on_find(TimelinePane *self) { view_bar_find(VIEW_BAR(self->bar)); }
static void on_fit(TimelinePane *self) { timeline_view_fit(TIMELINE_VIEW(self->view)); }
static void on_nearer(TimelinePane *self) { timeline_view_zoom(TIMELINE_VIEW(self->view), 1.5); }
static void on_farther(TimelinePane *self) { timeline_view_zoom(TIMELINE_VIEW(self->view), 1 / 1.5); }

static void on_bookmark(TimelinePane *self)
{
	timeline_view_new_bookmark(TIMELINE_VIEW(self->view));
}

static void on_legend(TimelinePane *self)
{
	timeline_view_set_legend(TIMELINE_VIEW(self->view), gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->legend)));
}

static void build_tools(TimelinePane *self)
{
	ViewBar *bar = VIEW_BAR(self->bar);

	view_bar_add(bar, "zoom-out-symbolic", _("Zoom out (−)"), G_CALLBACK(on_farther), self);
	view_bar_add(bar, "zoom-in-symbolic", _("Zoom in (+)"), G_CALLBACK(on_nearer), self);
	view_bar_add(bar, "zoom-fit-best-symbolic", _("Show everything (0)"), G_CALLBACK(on_fit), self);
	view_bar_add(bar, "edit-find-symbolic", _("Find in the timeline (F)"), G_CALLBACK(on_find), self);
	view_bar_add(bar, "user-bookmarks-symbolic", _("Make a bookmark (M)"), G_CALLBACK(on_bookmark), self);
	self->legend = gtk_toggle_button_new_with_mnemonic(_("L_egend"));
	gtk_button_set_relief(GTK_BUTTON(self->legend), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(self->legend, _("What colours and shapes mean (L)"));
	g_signal_connect_swapped(self->legend, "toggled", G_CALLBACK(on_legend), self);
	view_bar_pack(bar, self->legend, TRUE);
	self->state = gtk_label_new("");
	gtk_label_set_ellipsize(GTK_LABEL(self->state), PANGO_ELLIPSIZE_END);
	gtk_style_context_add_class(gtk_widget_get_style_context(self->state), "dim-label");
	view_bar_pack(bar, self->state, TRUE);
}

static void on_legend_changed(TimelinePane *self)
{
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->legend),
	                             timeline_view_get_legend(TIMELINE_VIEW(self->view)));
}

/* ---- the pane ---- */

void timeline_pane_stop(TimelinePane *self)
{
	GCancellable **calls[] = { &self->end_call, &self->data_call, &self->hits_call, &self->count_call, &self->step_call };

	for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
		g_cancellable_cancel(*calls[i]);
		g_clear_object(calls[i]);
	}
	g_clear_object(&self->source);
}

static void timeline_pane_dispose(GObject *object)
{
	timeline_pane_stop(TIMELINE_PANE(object));
	G_OBJECT_CLASS(timeline_pane_parent_class)->dispose(object);
}

static void timeline_pane_finalize(GObject *object)
{
	TimelinePane *self = TIMELINE_PANE(object);

	g_clear_object(&self->notes);
	g_free(self->find);
	g_free(self->within);
	arena_free(&self->story.arena);
	G_OBJECT_CLASS(timeline_pane_parent_class)->finalize(object);
}

static void timeline_pane_class_init(TimelinePaneClass *class)
{
	G_OBJECT_CLASS(class)->dispose = timeline_pane_dispose;
	G_OBJECT_CLASS(class)->finalize = timeline_pane_finalize;
}

static void timeline_pane_init(TimelinePane *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	self->bar = view_bar_new(_("Find in the timeline: text or an expression"));
	self->view = timeline_view_new();
	atk_object_set_name(gtk_widget_get_accessible(self->view), _("Timeline"));
	gtk_box_pack_start(GTK_BOX(self), self->bar, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->view, TRUE, TRUE, 0);
	build_tools(self);
	g_signal_connect_swapped(self->view, "need-data", G_CALLBACK(on_need_data), self);
	g_signal_connect_swapped(self->view, "populate-menu", G_CALLBACK(on_populate), self);
	g_signal_connect(self->view, "populate-menu", G_CALLBACK(view_export_fill_menu), NULL);
	g_signal_connect_swapped(self->view, "find-requested", G_CALLBACK(on_find), self);
	g_signal_connect_swapped(self->view, "legend-changed", G_CALLBACK(on_legend_changed), self);
	g_signal_connect_swapped(self->bar, "find-changed", G_CALLBACK(on_find_changed), self);
	g_signal_connect_swapped(self->bar, "find-step", G_CALLBACK(on_find_step), self);
	g_signal_connect_swapped(self->bar, "find-closed", G_CALLBACK(on_find_closed), self);
	gtk_widget_show(self->view);
	gtk_widget_show(GTK_WIDGET(self));
}

GtkWidget *timeline_pane_new(Source *source)
{
	TimelinePane *self = g_object_new(TIMELINE_TYPE_PANE, NULL);

	self->source = g_object_ref(source);
	add_bookmarks(self);
	return GTK_WIDGET(self);
}

TimelineView *timeline_pane_get_view(TimelinePane *self)
{
	return TIMELINE_VIEW(self->view);
}

/* ---- how far it reaches ---- */

static void ask_end(TimelinePane *self, enum reader_order order);

/* A process has events after its exit, as those of its last calls, and before its start where that is not known. */
static void on_end(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(TimelinePane) self = data;
	struct reader_range before = self->bounds;
	struct reader_page page;
	gboolean newest = self->end_order == READER_NEWEST_FIRST;

	if (!source_page_finish(SPOOR_SOURCE(object), result, &page, NULL))
		return;
	for (size_t i = 0; i < page.n; i++) {
		self->bounds.from_ms = MIN(self->bounds.from_ms, page.rows[i].time_ms);
		self->bounds.to_ms = MAX(self->bounds.to_ms, page.rows[i].time_ms + page.rows[i].span_ms + 1);
	}
	reader_page_free(&page);
	if (!self->source)
		return;
	if (self->bounds.from_ms != before.from_ms || self->bounds.to_ms != before.to_ms)
		timeline_view_set_bounds(TIMELINE_VIEW(self->view), self->bounds);
	if (newest)
		ask_end(self, READER_OLDEST_FIRST);
}

static void ask_end(TimelinePane *self, enum reader_order order)
{
	struct source_query q = { self->within, READER_ALL_TIME };

	self->end_order = order;
	source_page_async(self->source, &q, (struct reader_place){ order, 0, 0 }, 1, renew(&self->end_call), on_end,
	                  g_object_ref(self));
}

static void set_subject(TimelinePane *self, const struct reader_process *process, struct reader_range bounds)
{
	const struct reader_info *info = source_get_info(self->source);

	self->bounds = bounds;
	timeline_view_set_subject(TIMELINE_VIEW(self->view), process, bounds, info->gaps, info->n_gaps);
	show_bookmarks(self);
}

void timeline_pane_set_process(TimelinePane *self, const struct reader_process *process)
{
	gint64 to = process->end_ms ? process->end_ms : source_get_info(self->source)->last_ms;

	self->over = OVER_PROCESS;
	self->process = process->id;
	g_free(self->within);
	self->within = g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT, (gint64)process->id);
	set_subject(self, process, (struct reader_range){ process->start_ms, MAX(to, process->start_ms + 1) + 1 });
	ask_end(self, READER_NEWEST_FIRST);
}

void timeline_pane_set_recording(TimelinePane *self, const char *expression)
{
	const struct reader_info *info = source_get_info(self->source);

	self->over = OVER_RECORDING;
	g_free(self->within);
	self->within = expression && *expression ? g_strdup(expression) : NULL;
	set_subject(self, NULL, (struct reader_range){ info->recorded_ms, MAX(info->last_ms, info->recorded_ms) + 1 });
}

void timeline_pane_set_groups(TimelinePane *self, enum reader_group by)
{
	self->by = by;
	gtk_label_set_text(GTK_LABEL(self->state), "");
	timeline_view_set_lanes(TIMELINE_VIEW(self->view), NULL);
	timeline_view_ask_again(TIMELINE_VIEW(self->view));
}

/* The first process is the subject, the others are its children, whoever started them. */
void timeline_pane_set_story(TimelinePane *self, const struct reader_story *story)
{
	const struct reader_node *first = &story->tree.nodes[0];
	struct reader_image image = { .id = 1, .start_ms = first->start_ms, .end_ms = first->end_ms,
		                      .executable = first->executable, .comm = first->name,
		                      .command_line = first->command_line };
	struct reader_process p = { .id = first->process, .pid = first->pid, .start_ms = first->start_ms,
		                    .end_ms = first->end_ms, .start_known = first->start_known,
		                    .exit_code = first->exit_code, .signal = first->signal, .images = &image, .n_images = 1,
		                    .children = story->tree.n - 1 };
	struct reader_range bounds = { first->start_ms, first->start_ms + 1 };

	self->over = OVER_STORY;
	self->process = first->process;
	arena_reset(&self->story.arena);
	self->story.nodes = arena_alloc(&self->story.arena, story->tree.n * sizeof(*self->story.nodes));
	self->story.n = self->story.nodes ? story->tree.n - 1 : 0;
	for (size_t i = 0; i < self->story.n; i++) {
		struct reader_node *n = &self->story.nodes[i];

		*n = story->tree.nodes[i + 1];
		n->name = arena_copy(&self->story.arena, n->name);
		n->executable = n->user = SPAN_NONE;
		n->command_line = arena_copy(&self->story.arena, n->command_line);
	}
	for (size_t i = 0; i < story->tree.n; i++) {
		const struct reader_node *n = &story->tree.nodes[i];

		bounds.from_ms = MIN(bounds.from_ms, n->start_ms);
		bounds.to_ms = MAX(bounds.to_ms, MAX(n->start_ms, n->end_ms) + 1);
		if (!n->end_ms)
			bounds.to_ms = MAX(bounds.to_ms, source_get_info(self->source)->last_ms + 1);
	}
	g_free(self->within);
	self->within = g_strdup_printf("(auditd.session == %" G_GINT64_FORMAT " or process.entity_id == %" G_GINT64_FORMAT ")",
	                               (gint64)story->session, (gint64)first->process);
	set_subject(self, &p, bounds);
	ask_end(self, READER_NEWEST_FIRST);
}

void timeline_pane_add_tool(TimelinePane *self, GtkWidget *tool)
{
	view_bar_pack(VIEW_BAR(self->bar), tool, TRUE);
}
