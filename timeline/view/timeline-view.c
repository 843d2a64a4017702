#include "timeline/view/timeline-view.h"

#include <math.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "timeline/view/timeline-draw.h"
#include "timeline/view/timeline-overlay.h"
#include "timeline/view/view-access.h"

enum { ASK_EVERY_MS = 50, DRAG_PX = 4, MIN_W = 300, MIN_H = 140 };
#define WHEEL_FACTOR 1.25
#define CLICK_FACTOR 2.5

struct _TimelineView {
	GtkDrawingArea parent_instance;
	struct timeline_stage *stage;
	cairo_surface_t *content; /* NULL: to be drawn anew */
	guint ask_source;
	gint64 asked_at;          /* monotonic µs */
	struct bins_want asked;   /* not asked for again until data or subject change */
	gboolean pressed, dragged;
	double press_x, press_y, last_x, row_rest;
};

G_DEFINE_TYPE(TimelineView, timeline_view, GTK_TYPE_DRAWING_AREA)

enum { NEED_DATA, RANGE_CHANGED, MARK_ACTIVATED, PROCESS_ACTIVATED, SELECTION_CHANGED, N_SIGNALS };
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

static void redraw(TimelineView *self)
{
	g_clear_pointer(&self->content, cairo_surface_destroy);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void overlay_changed(TimelineView *self)
{
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void range_changed(TimelineView *self)
{
	struct scale_range r = scale_visible(&self->stage->scale);

	timeline_stage_update(self->stage);
	redraw(self);
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
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	PangoContext *context = gtk_widget_create_pango_context(widget);
	struct theme theme;
	GdkRGBA base = { 1, 1, 1, 1 };

	if (!gtk_style_context_lookup_color(style, "theme_base_color", &base))
		gtk_style_context_lookup_color(style, "theme_bg_color", &base);
	theme_init(&theme, theme_is_dark((struct theme_colour){ base.red, base.green, base.blue }));
	timeline_stage_set_look(self->stage, &theme, context, gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL);
	g_object_unref(context);
	redraw(self);
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
	redraw(self);
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

static gboolean activate(TimelineView *self, const struct timeline_target *g)
{
	if (g->type == TIMELINE_MARK)
		g_signal_emit(self, signals[MARK_ACTIVATED], 0, g->process, g->from_ms, g->to_ms, (guint)g->category);
	else if (g->type == TIMELINE_CHILD || g->type == TIMELINE_SEGMENT)
		g_signal_emit(self, signals[PROCESS_ACTIVATED], 0, g->process);
	else
		return FALSE;
	return TRUE;
}

static void set_focus_target(TimelineView *self, struct timeline_target g)
{
	self->stage->focus = g;
	if (g.type != TIMELINE_NOTHING) {
		self->stage->select_from = 1;
		self->stage->select_to = 0;
		view_access_focus_moved(GTK_WIDGET(self));
		g_signal_emit(self, signals[SELECTION_CHANGED], 0, g.from_ms, g.to_ms, (guint)g.category);
	}
	overlay_changed(self);
}

static void zoom_at(TimelineView *self, double x, double factor)
{
	scale_zoom(&self->stage->scale, x, factor);
	range_changed(self);
}

static void scroll_rows(TimelineView *self, double rows)
{
	struct timeline_stage *t = self->stage;
	uint32_t most = t->lanes.child_rows - t->lanes.child_rows_seen;
	double whole;

	self->row_rest += rows;
	whole = trunc(self->row_rest);
	self->row_rest -= whole;
	if (whole == 0)
		return;
	t->first_row = (uint32_t)CLAMP((double)t->first_row + whole, 0, most);
	redraw(self);
	view_access_changed(GTK_WIDGET(self));
}

/* ---- pointer ---- */

static double plot_x(const TimelineView *self, double x)
{
	return CLAMP(x - timeline_stage_plot_x(self->stage), 0, self->stage->scale.width);
}

static gboolean view_scroll(GtkWidget *widget, GdkEventScroll *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	double dx = 0, dy = 0;

	if (!gdk_event_get_scroll_deltas((GdkEvent *)e, &dx, &dy)) {
		dy = e->direction == GDK_SCROLL_DOWN ? 1 : e->direction == GDK_SCROLL_UP ? -1 : 0;
		dx = e->direction == GDK_SCROLL_RIGHT ? 1 : e->direction == GDK_SCROLL_LEFT ? -1 : 0;
	}
	if (e->state & GDK_SHIFT_MASK) {
		scroll_rows(self, (dy != 0 ? dy : dx) * 2);
	} else if (fabs(dx) > fabs(dy)) {
		scale_pan(&self->stage->scale, -dx * 60);
		range_changed(self);
	} else if (dy != 0) {
		zoom_at(self, plot_x(self, e->x), pow(WHEEL_FACTOR, -dy));
	}
	return GDK_EVENT_STOP;
}

static gboolean view_button_press(GtkWidget *widget, GdkEventButton *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	struct timeline_target g;

	if (e->button != GDK_BUTTON_PRIMARY)
		return GDK_EVENT_PROPAGATE;
	gtk_widget_grab_focus(widget);
	if (e->type == GDK_2BUTTON_PRESS) {
		g = timeline_stage_hit(self->stage, e->x, e->y);
		if (!activate(self, &g))
			zoom_at(self, plot_x(self, e->x), CLICK_FACTOR);
		self->pressed = FALSE;
		return GDK_EVENT_STOP;
	}
	self->pressed = e->type == GDK_BUTTON_PRESS;
	self->dragged = FALSE;
	self->press_x = self->last_x = e->x;
	self->press_y = e->y;
	return GDK_EVENT_STOP;
}

static void set_cursor(GtkWidget *widget, const char *name)
{
	g_autoptr(GdkCursor) cursor = name ? gdk_cursor_new_from_name(gtk_widget_get_display(widget), name) : NULL;

	if (gtk_widget_get_window(widget))
		gdk_window_set_cursor(gtk_widget_get_window(widget), cursor);
}

static gboolean view_button_release(GtkWidget *widget, GdkEventButton *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	if (e->button != GDK_BUTTON_PRIMARY || !self->pressed)
		return GDK_EVENT_PROPAGATE;
	self->pressed = FALSE;
	if (!self->dragged)
		set_focus_target(self, timeline_stage_hit(self->stage, e->x, e->y));
	set_cursor(widget, NULL);
	return GDK_EVENT_STOP;
}

static void drag_to(TimelineView *self, double x, double y)
{
	if (!self->dragged && hypot(x - self->press_x, y - self->press_y) < DRAG_PX)
		return;
	if (!self->dragged)
		set_cursor(GTK_WIDGET(self), "grabbing");
	self->dragged = TRUE;
	scale_pan(&self->stage->scale, x - self->last_x);
	if (self->stage->lanes.child_row_h > 0)
		scroll_rows(self, (self->press_y - y) / self->stage->lanes.child_row_h);
	self->press_y = y;
	self->last_x = x;
	range_changed(self);
}

static gboolean view_motion(GtkWidget *widget, GdkEventMotion *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	double x = e->x - timeline_stage_plot_x(self->stage);

	if (self->pressed)
		drag_to(self, e->x, e->y);
	self->stage->hover_x = x >= 0 && x < self->stage->scale.width ? x : -1;
	self->stage->hover = self->dragged && self->pressed ? (struct timeline_target){ 0 }
	                                                    : timeline_stage_hit(self->stage, e->x, e->y);
	overlay_changed(self);
	return GDK_EVENT_STOP;
}

static gboolean view_leave(GtkWidget *widget, GdkEventCrossing *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);

	self->stage->hover_x = -1;
	self->stage->hover = (struct timeline_target){ 0 };
	overlay_changed(self);
	return GDK_EVENT_PROPAGATE;
}

static gboolean view_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tip)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	struct timeline_target g = keyboard ? self->stage->focus : timeline_stage_hit(self->stage, x, y);
	cairo_rectangle_t r;
	AUTO_BUF b = BUF_INIT;

	if (g.type == TIMELINE_NOTHING || self->pressed || !timeline_stage_place(self->stage, &g, &r))
		return FALSE;
	timeline_stage_describe(self->stage, &g, true, &b);
	gtk_tooltip_set_text(tip, b.p ? b.p : "");
	gtk_tooltip_set_tip_area(tip, &(GdkRectangle){ (int)r.x, (int)r.y, (int)fmax(r.width, 1), (int)fmax(r.height, 1) });
	return TRUE;
}

/* ---- keyboard ---- */

static gboolean walk(TimelineView *self, int step)
{
	struct timeline_target g = timeline_stage_step(self->stage, &self->stage->focus, step);

	if (g.type == TIMELINE_NOTHING) {
		self->stage->focus = g;
		overlay_changed(self);
		return FALSE; /* past the end: the focus goes to the next widget */
	}
	set_focus_target(self, g);
	return TRUE;
}

/* To the lane above or below, to what is nearest there. */
static void change_lane(TimelineView *self, int direction)
{
	struct timeline_stage *t = self->stage;
	struct timeline_target best = { 0 };
	cairo_rectangle_t at = { timeline_stage_plot_x(t) + t->scale.width / 2, direction > 0 ? -1 : t->height, 0, 0 }, r;
	double nearest = INFINITY;

	timeline_stage_place(t, &t->focus, &at);
	for (size_t i = 0, n = timeline_stage_n_targets(t); i < n; i++) {
		struct timeline_target g = timeline_stage_target(t, i);
		double dy, dx, far;

		if (g.type == TIMELINE_GAP || !timeline_stage_place(t, &g, &r))
			continue;
		dy = (r.y - at.y) * direction;
		dx = at.x < r.x ? r.x - at.x : at.x > r.x + r.width ? at.x - r.x - r.width : 0;
		far = dy * 1e6 + dx;
		if (dy > 0 && far < nearest) {
			nearest = far;
			best = g;
		}
	}
	if (best.type != TIMELINE_NOTHING)
		set_focus_target(self, best);
}

static void set_marker(TimelineView *self, int which)
{
	struct timeline_stage *t = self->stage;
	int64_t at = t->focus.type != TIMELINE_NOTHING ? t->focus.from_ms
	           : scale_ms(&t->scale, t->hover_x >= 0 ? t->hover_x : t->scale.width / 2);

	t->marker[which] = t->marker[which] == at ? INT64_MIN : at;
	overlay_changed(self);
}

static gboolean step_out(TimelineView *self)
{
	struct timeline_stage *t = self->stage;

	if (t->focus.type != TIMELINE_NOTHING)
		t->focus = (struct timeline_target){ 0 };
	else if (t->select_from <= t->select_to)
		t->select_from = t->select_to + 1;
	else if (t->marker[0] != INT64_MIN || t->marker[1] != INT64_MIN)
		t->marker[0] = t->marker[1] = INT64_MIN;
	else
		return FALSE;
	overlay_changed(self);
	return TRUE;
}

static void pan_by(TimelineView *self, double part)
{
	scale_pan(&self->stage->scale, self->stage->scale.width * part);
	range_changed(self);
}

static double zoom_centre(const TimelineView *self)
{
	const struct timeline_stage *t = self->stage;
	double x = t->focus.type != TIMELINE_NOTHING ? scale_x(&t->scale, t->focus.from_ms) : -1;

	return x >= 0 && x <= t->scale.width ? x : t->scale.width / 2;
}

static gboolean move_key(TimelineView *self, guint key, gboolean control)
{
	double step = control ? 0.5 : 0.1;

	switch (key) {
	case GDK_KEY_Left: case GDK_KEY_KP_Left: pan_by(self, step); return TRUE;
	case GDK_KEY_Right: case GDK_KEY_KP_Right: pan_by(self, -step); return TRUE;
	case GDK_KEY_Home: case GDK_KEY_KP_Home: pan_by(self, 1e9); return TRUE;
	case GDK_KEY_End: case GDK_KEY_KP_End: pan_by(self, -1e9); return TRUE;
	case GDK_KEY_Up: case GDK_KEY_KP_Up: change_lane(self, -1); return TRUE;
	case GDK_KEY_Down: case GDK_KEY_KP_Down: change_lane(self, 1); return TRUE;
	case GDK_KEY_Page_Up: scroll_rows(self, -5); return TRUE;
	case GDK_KEY_Page_Down: scroll_rows(self, 5); return TRUE;
	case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add:
		zoom_at(self, zoom_centre(self), 1.5);
		return TRUE;
	case GDK_KEY_minus: case GDK_KEY_KP_Subtract:
		zoom_at(self, zoom_centre(self), 1 / 1.5);
		return TRUE;
	case GDK_KEY_0: case GDK_KEY_KP_0: timeline_view_fit(self); return TRUE;
	default: return FALSE;
	}
}

static gboolean view_key_press(GtkWidget *widget, GdkEventKey *e)
{
	TimelineView *self = TIMELINE_VIEW(widget);
	GdkModifierType mods = e->state & gtk_accelerator_get_default_mod_mask();
	gboolean plain = (mods & ~(guint)GDK_SHIFT_MASK) == 0;

	if (mods & GDK_MOD1_MASK)
		return GDK_EVENT_PROPAGATE;
	if (move_key(self, e->keyval, (mods & GDK_CONTROL_MASK) != 0))
		return GDK_EVENT_STOP;
	if (!plain)
		return GDK_EVENT_PROPAGATE;
	switch (e->keyval) {
	case GDK_KEY_Tab: return walk(self, 1);
	case GDK_KEY_ISO_Left_Tab: return walk(self, -1);
	case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_space: return activate(self, &self->stage->focus);
	case GDK_KEY_a: case GDK_KEY_A: set_marker(self, 0); return GDK_EVENT_STOP;
	case GDK_KEY_b: case GDK_KEY_B: set_marker(self, 1); return GDK_EVENT_STOP;
	case GDK_KEY_Escape: return step_out(self);
	default: return GDK_EVENT_PROPAGATE;
	}
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

	return activate(TIMELINE_VIEW(view), &g);
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
	.role_name = "Timeline", .role = ATK_ROLE_CANVAS, .item_role = ATK_ROLE_LIST_ITEM, .n_items = access_n,
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
	widget->scroll_event = view_scroll;
	widget->button_press_event = view_button_press;
	widget->button_release_event = view_button_release;
	widget->motion_notify_event = view_motion;
	widget->leave_notify_event = view_leave;
	widget->key_press_event = view_key_press;
	widget->focus_in_event = view_focus_change;
	widget->focus_out_event = view_focus_change;
	widget->query_tooltip = view_tooltip;
	add_signals(G_OBJECT_CLASS(class));
	view_access_install(widget, &access_calls);
}

static void timeline_view_init(TimelineView *self)
{
	GtkWidget *widget = GTK_WIDGET(self);

	self->stage = timeline_stage_new();
	gtk_widget_set_can_focus(widget, TRUE);
	gtk_widget_set_has_tooltip(widget, TRUE);
	gtk_widget_add_events(widget, GDK_SCROLL_MASK | GDK_SMOOTH_SCROLL_MASK | GDK_BUTTON_PRESS_MASK |
	                              GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK | GDK_LEAVE_NOTIFY_MASK |
	                              GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
	g_signal_connect(self, "notify::scale-factor", G_CALLBACK(redraw), NULL);
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
	redraw(self);
	ask_soon(self);
	view_access_changed(GTK_WIDGET(self));
}

void timeline_view_set_data(TimelineView *self, const struct reader_timeline *data)
{
	timeline_stage_set_data(self->stage, data);
	redraw(self);
	ask_soon(self); /* the range may have moved on since it was asked for */
	view_access_changed(GTK_WIDGET(self));
}

void timeline_view_select(TimelineView *self, int64_t from_ms, int64_t to_ms, enum event_category category)
{
	struct timeline_stage *t = self->stage;
	double x;

	t->select_from = from_ms;
	t->select_to = to_ms;
	t->select_category = category;
	x = scale_x(&t->scale, from_ms);
	if (from_ms <= to_ms && (x < 0 || x > t->scale.width)) {
		scale_pan(&t->scale, t->scale.width / 2 - x);
		range_changed(self);
	}
	overlay_changed(self);
}

void timeline_view_set_range(TimelineView *self, struct reader_range range)
{
	scale_set_range(&self->stage->scale, range.from_ms, range.to_ms);
	range_changed(self);
}

struct reader_range timeline_view_get_range(TimelineView *self)
{
	struct scale_range r = scale_visible(&self->stage->scale);

	return (struct reader_range){ r.from_ms, r.to_ms };
}

void timeline_view_zoom(TimelineView *self, double factor)
{
	zoom_at(self, self->stage->scale.width / 2, factor);
}

void timeline_view_fit(TimelineView *self)
{
	scale_fit(&self->stage->scale);
	range_changed(self);
}
