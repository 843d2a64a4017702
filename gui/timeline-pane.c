#include "gui/timeline-pane.h"

#include "gui/event-column.h"
#include "gui/find-text.h"
#include "gui/view-bar.h"

enum { MAX_CHILDREN = 500 };

struct _TimelinePane {
	GtkBox parent;
	Source *source; /* NULL once stopped */
	GtkWidget *bar, *view, *legend;
	gint64 process;
	char *find;     /* expression, NULL none */
	gint64 found_ms; /* where the search stands; G_MININT64 nowhere yet */
	GCancellable *data_call, *hits_call, *count_call, *step_call;
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

static void on_need_data(TimelinePane *self, gint64 from, gint64 to, guint n_bins)
{
	struct source_query q = { self->find, { from, to } };

	if (!self->source || !self->process || !n_bins)
		return;
	source_timeline_async(self->source, self->process, q.range, MIN(n_bins, READER_MAX_BINS), MAX_CHILDREN,
	                      renew(&self->data_call), on_timeline, g_object_ref(self));
	if (self->find)
		source_histogram_async(self->source, &q, MIN(n_bins, READER_MAX_BINS), renew(&self->hits_call), on_hits,
		                       g_object_ref(self));
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
	words = count.total ? g_strdup_printf(count.total == 1 ? "%s event found" : "%s events found", n)
	                    : g_strdup("nothing found");
	if (self->find)
		view_bar_set_found(VIEW_BAR(self->bar), words);
	reader_count_free(&count);
}

static void on_find_changed(TimelinePane *self, const char *typed)
{
	g_autofree char *within = g_strdup_printf("process.entity_id == %" G_GINT64_FORMAT, self->process);
	struct source_query q = { NULL, READER_ALL_TIME };

	g_free(self->find);
	self->find = find_text_expression(typed, within, NULL);
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
		view_bar_set_found(VIEW_BAR(self->bar), "no more that way");
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

	view_bar_add(bar, "zoom-out-symbolic", "Zoom out (−)", G_CALLBACK(on_farther), self);
	view_bar_add(bar, "zoom-in-symbolic", "Zoom in (+)", G_CALLBACK(on_nearer), self);
	view_bar_add(bar, "zoom-fit-best-symbolic", "Show everything (0)", G_CALLBACK(on_fit), self);
	view_bar_add(bar, "edit-find-symbolic", "Find in the timeline (F)", G_CALLBACK(on_find), self);
	view_bar_add(bar, "user-bookmarks-symbolic", "Make a bookmark (M)", G_CALLBACK(on_bookmark), self);
	self->legend = gtk_toggle_button_new_with_mnemonic("L_egend");
	gtk_button_set_relief(GTK_BUTTON(self->legend), GTK_RELIEF_NONE);
	gtk_widget_set_tooltip_text(self->legend, "What colours and shapes mean (L)");
	g_signal_connect_swapped(self->legend, "toggled", G_CALLBACK(on_legend), self);
	view_bar_pack(bar, self->legend, TRUE);
}

static void on_legend_changed(TimelinePane *self)
{
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->legend),
	                             timeline_view_get_legend(TIMELINE_VIEW(self->view)));
}

/* ---- the pane ---- */

void timeline_pane_stop(TimelinePane *self)
{
	GCancellable **calls[] = { &self->data_call, &self->hits_call, &self->count_call, &self->step_call };

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
	g_free(TIMELINE_PANE(object)->find);
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
	self->bar = view_bar_new("Find in the timeline: text or an expression");
	self->view = timeline_view_new();
	atk_object_set_name(gtk_widget_get_accessible(self->view), "Timeline");
	gtk_box_pack_start(GTK_BOX(self), self->bar, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->view, TRUE, TRUE, 0);
	build_tools(self);
	g_signal_connect_swapped(self->view, "need-data", G_CALLBACK(on_need_data), self);
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
	return GTK_WIDGET(self);
}

TimelineView *timeline_pane_get_view(TimelinePane *self)
{
	return TIMELINE_VIEW(self->view);
}

static struct reader_range bounds_of(TimelinePane *self, const struct reader_process *p)
{
	const struct reader_info *info = source_get_info(self->source);
	gint64 to = p->end_ms ? p->end_ms : info->last_ms;

	return (struct reader_range){ p->start_ms, MAX(to, p->start_ms + 1) + 1 };
}

void timeline_pane_set_process(TimelinePane *self, const struct reader_process *process)
{
	const struct reader_info *info = source_get_info(self->source);

	self->process = process->id;
	timeline_view_set_subject(TIMELINE_VIEW(self->view), process, bounds_of(self, process), info->gaps, info->n_gaps);
}
