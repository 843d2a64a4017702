#include "timeline/view/timeline-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-overlay.h"
#include "timeline/view/view-access.h"

enum { ASK_EVERY_MS = 50, MIN_W = 300, MIN_H = 190 };

G_DEFINE_TYPE(TimelineView, timeline_view, GTK_TYPE_DRAWING_AREA)

enum { NEED_DATA, RANGE_CHANGED, MARK_ACTIVATED, PROCESS_ACTIVATED, SELECTION_CHANGED, FIND_REQUESTED, LANE_ACTIVATED,
       LEGEND_CHANGED, BOOKMARK_CHANGED,
       POPULATE_MENU, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- asking and drawing ---- */

static gboolean ask(gpointer data)
{
	TimelineView *self = data;
	struct bins_want want;

	self->ask_source = 0;
	if (timeline_stage_has_enough(self->stage, &want) || memcmp(&want, &self->asked, sizeof(want)) == 0)
		return G_SOURCE_REMOVE;
	self->asked = want;
	self->asked_at = g_get_monotonic_time();
	g_signal_emit(self, signals[NEED_DATA], 0, want.from_ms, want.to_ms, want.n_bins);
	return G_SOURCE_REMOVE;
}

static void ask_soon(TimelineView *self)
{
	gint64 since = (g_get_monotonic_time() - self->asked_at) / 1000;

	if (self->ask_source == 0 && self->stage->width > 1)
		self->ask_source = g_timeout_add(since >= ASK_EVERY_MS ? 0 : (guint)(ASK_EVERY_MS - since), ask, self);
}

void timeline_view_redraw(TimelineView *self)
{
	g_clear_pointer(&self->content, cairo_surface_destroy);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void timeline_view_overlay_changed(TimelineView *self)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void timeline_view_range_changed(TimelineView *self)
{
	struct scale_range r = scale_visible(&self->stage->scale);

	timeline_stage_update(self->stage);
	timeline_view_redraw(self);
	ask_soon(self);
	view_access_changed(GTK_WIDGET(self));
	g_signal_emit(self, signals[RANGE_CHANGED], 0, r.from_ms, r.to_ms);
}

static cairo_surface_t *new_surface(GtkWidget *widget, int width, int height)
{
	GdkWindow *window = gtk_widget_get_window(widget);

	if (window)
		return gdk_window_create_similar_surface(window, CAIRO_CONTENT_COLOR, width, height);
	return cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
}

static gboolean view_draw(GtkWidget *widget, cairo_t *cr)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	if (!self->content) {
		cairo_t *content;

		self->content = new_surface(widget, self->stage->width, self->stage->height);
		content = cairo_create(self->content);
		timeline_draw_content(self->stage, content);
		cairo_destroy(content);
	}
	cairo_set_source_surface(cr, self->content, 0, 0);
	cairo_paint(cr);
	timeline_overlay_draw(self->stage, cr);
	return GDK_EVENT_PROPAGATE;
}

static void take_look(TimelineView *self)
{
	GtkWidget *widget = GTK_WIDGET(self);
	struct theme theme;
	PangoContext *context = view_pointer_look(widget, &theme);

	timeline_stage_set_look(self->stage, &theme, context, gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL);
	g_object_unref(context);
	timeline_view_redraw(self);
}

static void view_style_updated(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(timeline_view_parent_class)->style_updated(widget);
	take_look(TIMELINE_VIEW(widget));
}

static void view_direction_changed(GtkWidget *widget, GtkTextDirection before)
{
	take_look(TIMELINE_VIEW(widget));
}

static void view_size_allocate(GtkWidget *widget, GtkAllocation *a)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	GTK_WIDGET_CLASS(timeline_view_parent_class)->size_allocate(widget, a);
	if (self->stage->width == a->width && self->stage->height == a->height)
		return;
	timeline_stage_set_size(self->stage, a->width, a->height);
	timeline_view_redraw(self);
	ask_soon(self);
}

static void view_preferred_width(GtkWidget *widget, int *least, int *natural)
{
	*least = MIN_W;
	*natural = MIN_W * 2;
}

static void view_preferred_height(GtkWidget *widget, int *least, int *natural)
{
	*least = MIN_H;
	*natural = MIN_H + 120;
}

/* ---- doing ---- */

/* NULL: not known. */
static const char *lane_name(TimelineView *self, size_t group)
{
	return self->stage->groups[group].name.p;
}

gboolean timeline_view_activate(TimelineView *self, const struct timeline_target *g)
{
	if (g->type == TIMELINE_MARK && g->group)
		g_signal_emit(self, signals[LANE_ACTIVATED], 0, g->process, lane_name(self, g->group - 1), g->from_ms, g->to_ms);
	else if (g->type == TIMELINE_MARK)
		g_signal_emit(self, signals[MARK_ACTIVATED], 0, g->process, g->from_ms, g->to_ms, (guint)g->category);
	else if (g->type == TIMELINE_CHILD || g->type == TIMELINE_SEGMENT)
		g_signal_emit(self, signals[PROCESS_ACTIVATED], 0, g->process);
	else if (g->type == TIMELINE_BOOKMARK)
		timeline_menu_edit_bookmark(self, g->index);
	else if (g->type == TIMELINE_LANE && timeline_stage_fold(self->stage, &self->stage->lanes.at[g->index]))
		timeline_view_rearranged(self);
	else
		return FALSE;
	return TRUE;
}

void timeline_view_rearranged(TimelineView *self)
{
	self->stage->hover = (struct timeline_target){ 0 };
	timeline_stage_update(self->stage);
	timeline_view_redraw(self);
	view_access_changed(GTK_WIDGET(self));
}

int64_t timeline_view_time_meant(const TimelineView *self)
{
	const struct timeline_stage *t = self->stage;

	if (t->focus.type != TIMELINE_NOTHING && t->focus.type != TIMELINE_LANE)
		return t->focus.from_ms;
	return scale_ms(&t->scale, t->hover_x >= 0 ? t->hover_x : t->scale.width / 2);
}

void timeline_view_set_marker(TimelineView *self, int which, int64_t ms)
{
	timeline_stage_set_marker(self->stage, which, ms);
	timeline_view_overlay_changed(self);
}

void timeline_view_show_time(TimelineView *self, int64_t ms)
{
	struct scale *s = &self->stage->scale;
	double x = scale_x(s, ms);

	if (x >= 0 && x <= s->width)
		return;
	scale_pan(s, s->width / 2 - x);
	timeline_view_range_changed(self);
}

void timeline_view_find(TimelineView *self)
{
	g_signal_emit(self, signals[FIND_REQUESTED], 0);
}

void timeline_view_fill_menu(TimelineView *self, GtkWidget *menu)
{
	g_signal_emit(self, signals[POPULATE_MENU], 0, menu);
}

void timeline_view_focus_on(TimelineView *self, struct timeline_target g)
{
	self->stage->focus = g;
	if (g.type != TIMELINE_NOTHING)
		view_access_focus_moved(GTK_WIDGET(self));
	if (g.type != TIMELINE_NOTHING && g.type != TIMELINE_LANE) {
		self->stage->select_from = 1;
		self->stage->select_to = 0;
		g_signal_emit(self, signals[SELECTION_CHANGED], 0, g.from_ms, g.to_ms, (guint)g.category);
	}
	timeline_view_overlay_changed(self);
}

void timeline_view_zoom_at(TimelineView *self, double x, double factor)
{
	scale_zoom(&self->stage->scale, x, factor);
	timeline_view_range_changed(self);
}

void timeline_view_scroll_rows(TimelineView *self, double rows)
{
	struct timeline_stage *t = self->stage;
	uint32_t most = t->lanes.child_rows - t->lanes.child_rows_seen;
	double whole;

	self->row_rest += rows;
	whole = trunc(self->row_rest);
	self->row_rest -= whole;
	if (whole == 0)
		return;
	if (t->n_groups) {
		double last = t->lanes.groups_seen < t->n_groups ? (double)(t->n_groups - 1) : 0;

		t->first_group = (size_t)CLAMP((double)t->first_group + whole, 0, last);
		timeline_view_rearranged(self);
		return;
	}
	t->first_row = (uint32_t)CLAMP((double)t->first_row + whole, 0, most);
	timeline_view_redraw(self);
	view_access_changed(GTK_WIDGET(self));
}

static gboolean view_focus_change(GtkWidget *widget, GdkEventFocus *e)
{
	TIMELINE_VIEW(widget)->stage->has_focus = e->in != 0;
	gtk_widget_queue_draw(widget);
	return GDK_EVENT_PROPAGATE;
}

/* ---- assistive technology ---- */

static size_t access_n(GtkWidget *view)
{
	return timeline_stage_n_targets(TIMELINE_VIEW(view)->stage);
}

static void access_item_name(GtkWidget *view, size_t i, struct buf *out)
{
	struct timeline_target g = timeline_stage_target(TIMELINE_VIEW(view)->stage, i);

	timeline_stage_describe(TIMELINE_VIEW(view)->stage, &g, false, out);
}

static gboolean access_place(GtkWidget *view, size_t i, cairo_rectangle_t *ret)
{
	struct timeline_target g = timeline_stage_target(TIMELINE_VIEW(view)->stage, i);

	return timeline_stage_place(TIMELINE_VIEW(view)->stage, &g, ret);
}

static gboolean access_activate(GtkWidget *view, size_t i)
{
	struct timeline_target g = timeline_stage_target(TIMELINE_VIEW(view)->stage, i);

	return timeline_view_activate(TIMELINE_VIEW(view), &g);
}

static size_t access_focused(GtkWidget *view)
{
	const struct timeline_stage *t = TIMELINE_VIEW(view)->stage;

	for (size_t i = 0, n = timeline_stage_n_targets(t); i < n && t->focus.type != TIMELINE_NOTHING; i++) {
		struct timeline_target g = timeline_stage_target(t, i);

		if (timeline_stage_same(&g, &t->focus))
			return i;
	}
	return SIZE_MAX;
}

static void access_about(GtkWidget *view, struct buf *out)
{
	timeline_stage_summary(TIMELINE_VIEW(view)->stage, out);
}

static const struct view_access_calls access_calls = {
	.role_name = N_("Timeline"), .role = ATK_ROLE_CANVAS, .item_role = ATK_ROLE_LIST_ITEM, .n_items = access_n,
	.name = access_item_name, .place = access_place, .activate = access_activate, .focused = access_focused,
	.about = access_about,
};

/* ---- the type ---- */

static void view_finalize(GObject *object)
{
	TimelineView *self = TIMELINE_VIEW(object);

	if (self->ask_source)
		g_source_remove(self->ask_source);
	g_clear_pointer(&self->content, cairo_surface_destroy);
	timeline_stage_free(self->stage);
	G_OBJECT_CLASS(timeline_view_parent_class)->finalize(object);
}

static void add_signals(GObjectClass *class)
{
	GType type = G_OBJECT_CLASS_TYPE(class);

	signals[NEED_DATA] = g_signal_new("need-data", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
	                                  G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
	signals[RANGE_CHANGED] = g_signal_new("range-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
	signals[MARK_ACTIVATED] = g_signal_new("mark-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 4, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
	signals[PROCESS_ACTIVATED] = g_signal_new("process-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 1, G_TYPE_INT64);
	signals[SELECTION_CHANGED] = g_signal_new("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                          G_TYPE_NONE, 3, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_UINT);
	signals[FIND_REQUESTED] = g_signal_new("find-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[LANE_ACTIVATED] = g_signal_new("lane-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 4, G_TYPE_INT64, G_TYPE_STRING, G_TYPE_INT64, G_TYPE_INT64);
	signals[LEGEND_CHANGED] = g_signal_new("legend-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
	signals[BOOKMARK_CHANGED] = g_signal_new("bookmark-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                         G_TYPE_NONE, 3, G_TYPE_INT64, G_TYPE_STRING, G_TYPE_STRING);
	signals[POPULATE_MENU] = g_signal_new("populate-menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                      G_TYPE_NONE, 1, GTK_TYPE_MENU);
}

static void timeline_view_class_init(TimelineViewClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = view_finalize;
	widget->draw = view_draw;
	widget->style_updated = view_style_updated;
	widget->direction_changed = view_direction_changed;
	widget->size_allocate = view_size_allocate;
	widget->get_preferred_width = view_preferred_width;
	widget->get_preferred_height = view_preferred_height;
	widget->focus_in_event = view_focus_change;
	widget->focus_out_event = view_focus_change;
	timeline_pointer_install(widget);
	widget->key_press_event = timeline_keys_press;
	add_signals(G_OBJECT_CLASS(class));
	view_access_install(widget, &access_calls);
}

static void timeline_view_init(TimelineView *self)
{
	self->stage = timeline_stage_new();
	self->stage->with_minimap = true;
	view_pointer_init(GTK_WIDGET(self));
	g_signal_connect(self, "notify::scale-factor", G_CALLBACK(timeline_view_redraw), NULL);
	take_look(self);
}

GtkWidget *timeline_view_new(void)
{
	return g_object_new(TIMELINE_TYPE_VIEW, NULL);
}

void timeline_view_set_subject(TimelineView *self, const struct reader_process *process, struct reader_range bounds,
                               const struct gap *gaps, size_t n_gaps)
{
	timeline_stage_set_subject(self->stage, process, bounds, gaps, n_gaps);
	self->asked = (struct bins_want){ 0 };
	timeline_view_redraw(self);
	ask_soon(self);
	view_access_changed(GTK_WIDGET(self));
}

void timeline_view_set_bounds(TimelineView *self, struct reader_range bounds)
{
	timeline_stage_set_bounds(self->stage, bounds);
	timeline_view_range_changed(self);
}

void timeline_view_set_data(TimelineView *self, const struct reader_timeline *data)
{
	timeline_stage_set_data(self->stage, data);
	timeline_view_redraw(self);
	ask_soon(self); /* the range may have moved on since it was asked for */
	view_access_changed(GTK_WIDGET(self));
}

void timeline_view_select(TimelineView *self, int64_t from_ms, int64_t to_ms, enum event_category category)
{
	struct timeline_stage *t = self->stage;

	t->select_from = from_ms;
	t->select_to = to_ms;
	t->select_category = category;
	if (from_ms <= to_ms)
		timeline_view_show_time(self, from_ms);
	timeline_view_overlay_changed(self);
}

void timeline_view_set_range(TimelineView *self, struct reader_range range)
{
	scale_set_range(&self->stage->scale, range.from_ms, range.to_ms);
	timeline_view_range_changed(self);
}

struct reader_range timeline_view_get_range(TimelineView *self)
{
	struct scale_range r = scale_visible(&self->stage->scale);

	return (struct reader_range){ r.from_ms, r.to_ms };
}

void timeline_view_zoom(TimelineView *self, double factor)
{
	timeline_view_zoom_at(self, self->stage->scale.width / 2, factor);
}

void timeline_view_fit(TimelineView *self)
{
	scale_fit(&self->stage->scale);
	timeline_view_range_changed(self);
}

void timeline_view_set_hits(TimelineView *self, const struct reader_histogram *hits)
{
	timeline_stage_set_hits(self->stage, hits);
	timeline_view_redraw(self);
}

void timeline_view_ask_again(TimelineView *self)
{
	struct bins_want want = bins_wanted(&self->stage->scale, TIMELINE_COLUMN_PX);

	if (self->stage->width <= 1)
		return;
	self->asked = want;
	self->asked_at = g_get_monotonic_time();
	g_signal_emit(self, signals[NEED_DATA], 0, want.from_ms, want.to_ms, want.n_bins);
}

void timeline_view_set_legend(TimelineView *self, gboolean shown)
{
	if (self->stage->with_legend == (bool)shown)
		return;
	self->stage->with_legend = shown;
	timeline_view_overlay_changed(self);
	g_signal_emit(self, signals[LEGEND_CHANGED], 0);
}

gboolean timeline_view_get_legend(TimelineView *self)
{
	return self->stage->with_legend;
}

void timeline_view_set_bookmarks(TimelineView *self, const int64_t *ms, const char *const *names, size_t n)
{
	struct timeline_bookmark *list = g_new(struct timeline_bookmark, n);

	for (size_t i = 0; i < n; i++)
		list[i] = (struct timeline_bookmark){ ms[i], (char *)names[i] };
	timeline_stage_set_bookmarks(self->stage, list, n);
	g_free(list);
	timeline_view_overlay_changed(self);
	view_access_changed(GTK_WIDGET(self));
}

void timeline_view_bookmark_changed(TimelineView *self, int64_t ms, const char *before, const char *after)
{
	timeline_view_overlay_changed(self);
	view_access_changed(GTK_WIDGET(self));
	g_signal_emit(self, signals[BOOKMARK_CHANGED], 0, ms, before, after);
}

void timeline_view_new_bookmark(TimelineView *self)
{
	timeline_menu_add_bookmark(self, timeline_view_time_meant(self));
}

void timeline_view_set_lanes(TimelineView *self, const struct reader_lanes *lanes)
{
	if (lanes) {
		timeline_stage_set_lanes(self->stage, lanes);
	} else {
		timeline_stage_forget_groups(self->stage);
		self->stage->hover = self->stage->focus = (struct timeline_target){ 0 };
		timeline_stage_update(self->stage);
	}
	timeline_view_redraw(self);
	ask_soon(self);
	view_access_changed(GTK_WIDGET(self));
}

void timeline_view_set_note(TimelineView *self, const char *note)
{
	g_free(self->stage->note);
	self->stage->note = g_strdup(note);
}

void timeline_view_point_at(TimelineView *self, int64_t process)
{
	const struct timeline_stage *t = self->stage;

	for (size_t i = 0; i < t->n_children; i++)
		if (t->children[i].process == process)
			timeline_view_select(self, t->children[i].start_ms, t->children[i].end_ms ? t->children[i].end_ms
			                                                                         : t->scale.max_ms, EVENT_NONE);
	if (t->process && t->process->id == process)
		timeline_view_select(self, t->process->start_ms, t->process->end_ms ? t->process->end_ms : t->scale.max_ms,
		                     EVENT_NONE);
}

void timeline_view_set_listed(TimelineView *self, int64_t from_ms, int64_t to_ms)
{
	struct timeline_stage *t = self->stage;
	double x0 = scale_x(&t->scale, from_ms), x1 = scale_x(&t->scale, to_ms);

	t->listed_from = from_ms;
	t->listed_to = to_ms;
	if (from_ms <= to_ms && (x1 < 0 || x0 > t->scale.width)) {
		scale_pan(&t->scale, t->scale.width / 2 - (x0 + x1) / 2);
		timeline_view_range_changed(self);
	}
	timeline_view_overlay_changed(self);
}

void timeline_view_draw_picture(TimelineView *self, cairo_t *cr, gboolean paper)
{
	struct timeline_stage *t = self->stage;
	struct timeline_target hover = t->hover;
	struct theme theme = t->theme;
	bool focus = t->has_focus, minimap = t->with_minimap;
	double hover_x = t->hover_x;

	t->hover = (struct timeline_target){ 0 };
	t->hover_x = -1;
	t->has_focus = t->with_minimap = false;
	if (paper)
		theme_init(&t->theme, false);
	timeline_stage_update(t);
	timeline_draw_content(t, cr);
	timeline_overlay_draw(t, cr);
	t->hover = hover;
	t->hover_x = hover_x;
	t->theme = theme;
	t->has_focus = focus;
	t->with_minimap = minimap;
	timeline_stage_update(t);
}
