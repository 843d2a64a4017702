#include "gui/histogram.h"

#include <math.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/look.h"
#include "gui/time-range.h"

enum { BAR = 3, PLOT = 56, EDGE = 4 };

struct _Histogram {
	GtkDrawingArea parent;
	struct reader_range bounds, range, seen;
	struct gap *gaps;
	size_t n_gaps;
	struct reader_histogram data;
	gboolean dragging;
	double drag_from, drag_to;
	guint asked;
	int axis; /* height below the bars */
};
G_DEFINE_FINAL_TYPE(Histogram, histogram, GTK_TYPE_DRAWING_AREA)

enum { SIGNAL_NEED_DATA, SIGNAL_RANGE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- time and place ---- */

static double span_of_bounds(Histogram *self)
{
	return MAX(1.0, (double)(self->bounds.to_ms - self->bounds.from_ms));
}

static double x_of(Histogram *self, int64_t ms)
{
	int width = gtk_widget_get_allocated_width(GTK_WIDGET(self));

	ms = CLAMP(ms, self->bounds.from_ms, self->bounds.to_ms);
	return (double)(ms - self->bounds.from_ms) / span_of_bounds(self) * width;
}

static int64_t time_of(Histogram *self, double x)
{
	int width = MAX(1, gtk_widget_get_allocated_width(GTK_WIDGET(self)));

	return self->bounds.from_ms + (int64_t)(CLAMP(x / width, 0, 1) * span_of_bounds(self));
}

static gboolean has_range(Histogram *self)
{
	return self->range.from_ms != INT64_MIN || self->range.to_ms != INT64_MAX;
}

guint histogram_get_n_bins(Histogram *self)
{
	int width = gtk_widget_get_allocated_width(GTK_WIDGET(self));

	return (guint)CLAMP(width / BAR, 16, READER_MAX_BINS);
}

static const uint64_t *bin(Histogram *self, size_t i)
{
	return &self->data.counts[i * EVENT_CATEGORY_COUNT];
}

static uint64_t bin_total(Histogram *self, size_t i)
{
	uint64_t n = 0;

	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++)
		n += bin(self, i)[c];
	return n;
}

/* ---- drawing ---- */

static void draw_bar(Histogram *self, cairo_t *cr, size_t i, double base, double scale,
                     const struct theme *theme)
{
	uint64_t total = bin_total(self, i);
	double height = MAX(2.0, sqrt((double)total) * scale), y = base;
	double x = floor(x_of(self, self->data.from_ms + (int64_t)i * self->data.bin_ms));

	if (!total)
		return;
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		double h = height * (double)bin(self, i)[c] / (double)total;

		if (h <= 0)
			continue;
		theme_set(cr, theme->kinds[c], 1);
		cairo_rectangle(cr, x, y - h, BAR - 1, h);
		cairo_fill(cr);
		y -= h;
	}
}

static void draw_bars(Histogram *self, cairo_t *cr, double base, const struct theme *theme)
{
	uint64_t most = 1;

	for (size_t i = 0; i < self->data.n_bins; i++)
		most = MAX(most, bin_total(self, i));
	for (size_t i = 0; i < self->data.n_bins; i++)
		draw_bar(self, cr, i, base, (base - EDGE) / sqrt((double)most), theme);
}

static void draw_gaps(Histogram *self, cairo_t *cr, double base, const struct theme *theme)
{
	for (size_t i = 0; i < self->n_gaps; i++) {
		double from = floor(x_of(self, self->gaps[i].from_ms)), to = ceil(x_of(self, self->gaps[i].to_ms));

		theme_hatch(cr, theme, from, 0, MAX(to - from, 3), base);
	}
}

static void draw_brush(Histogram *self, cairo_t *cr, GtkStyleContext *style, double base, int width)
{
	double from = MIN(self->drag_from, self->drag_to), to = MAX(self->drag_from, self->drag_to);
	GdkRGBA c;

	if (!self->dragging) {
		if (!has_range(self))
			return;
		from = x_of(self, self->range.from_ms);
		to = x_of(self, self->range.to_ms);
	}
	to = MAX(to, from + 2);
	if (!gtk_style_context_lookup_color(style, "theme_selected_bg_color", &c))
		gtk_style_context_get_color(style, GTK_STATE_FLAG_NORMAL, &c);
	cairo_set_source_rgba(cr, c.red, c.green, c.blue, 0.18);
	cairo_rectangle(cr, from, 0, to - from, base);
	cairo_fill(cr);
	cairo_set_source_rgba(cr, c.red, c.green, c.blue, 0.9);
	cairo_rectangle(cr, floor(from), 0, 1, base);
	cairo_rectangle(cr, MIN(ceil(to), width) - 1, 0, 1, base);
	cairo_fill(cr);
}

/* Where the rows in sight are: on the line that the bars stand on. */
static void draw_seen(Histogram *self, cairo_t *cr, GtkStyleContext *style, double base)
{
	double from = x_of(self, self->seen.from_ms), to = x_of(self, self->seen.to_ms);
	GdkRGBA c;

	if (self->seen.from_ms > self->seen.to_ms || self->bounds.from_ms >= self->bounds.to_ms)
		return;
	if (!gtk_style_context_lookup_color(style, "theme_selected_bg_color", &c))
		gtk_style_context_get_color(style, GTK_STATE_FLAG_NORMAL, &c);
	gdk_cairo_set_source_rgba(cr, &c);
	cairo_rectangle(cr, from - 2, base - 1, MAX(to - from, 0) + 4, 4);
	cairo_fill(cr);
}

static void draw_label(GtkStyleContext *style, cairo_t *cr, PangoLayout *layout, const char *text, double at,
                       int width, double y)
{
	int w;

	pango_layout_set_text(layout, text, -1);
	pango_layout_get_pixel_size(layout, &w, NULL);
	gtk_render_layout(style, cr, CLAMP(at - w * (at / MAX(1, width)), 0, MAX(0, width - w)), y, layout);
}

static PangoLayout *axis_layout(Histogram *self)
{
	PangoLayout *layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), "0");
	PangoAttrList *attributes = pango_attr_list_new();

	pango_attr_list_insert(attributes, pango_attr_scale_new(0.85));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	return layout;
}

static void draw_axis(Histogram *self, cairo_t *cr, GtkStyleContext *style, double base, int width)
{
	g_autoptr(PangoLayout) layout = axis_layout(self);
	g_autofree char *from = event_time(self->bounds.from_ms), *to = event_time(self->bounds.to_ms);

	from[19] = to[19] = '\0'; /* milliseconds say nothing here */
	gtk_style_context_save(style);
	gtk_style_context_add_class(style, "dim-label");
	cairo_push_group(cr);
	draw_label(style, cr, layout, from, 0, width, base + 2);
	draw_label(style, cr, layout, to, width, width, base + 2);
	cairo_pop_group_to_source(cr);
	cairo_paint_with_alpha(cr, 0.65);
	gtk_style_context_restore(style);
}

static gboolean histogram_draw(GtkWidget *widget, cairo_t *cr)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	int width = gtk_widget_get_allocated_width(widget);
	double base = gtk_widget_get_allocated_height(widget) - self->axis;
	struct theme theme = look_theme(widget);
	GdkRGBA text;

	gtk_style_context_get_color(style, gtk_style_context_get_state(style), &text);
	draw_bars(self, cr, base, &theme);
	draw_gaps(self, cr, base, &theme);
	cairo_set_source_rgba(cr, text.red, text.green, text.blue, 0.25);
	cairo_rectangle(cr, 0, base, width, 1);
	cairo_fill(cr);
	draw_brush(self, cr, style, base, width);
	draw_seen(self, cr, style, base);
	if (self->bounds.from_ms < self->bounds.to_ms)
		draw_axis(self, cr, style, base, width);
	if (gtk_widget_has_visible_focus(widget))
		gtk_render_focus(style, cr, 0, 0, width, base);
	return FALSE;
}

/* ---- asking ---- */

static void ask(Histogram *self)
{
	guint n = histogram_get_n_bins(self);

	if (n == self->asked)
		return;
	self->asked = n;
	g_signal_emit(self, signals[SIGNAL_NEED_DATA], 0, n);
}

static void histogram_size_allocate(GtkWidget *widget, GtkAllocation *allocation)
{
	GTK_WIDGET_CLASS(histogram_parent_class)->size_allocate(widget, allocation);
	ask(SPOOR_HISTOGRAM(widget));
}

/* ---- pointer and keys ---- */

static void choose(Histogram *self, struct reader_range range)
{
	self->range = range;
	gtk_widget_queue_draw(GTK_WIDGET(self));
	if (has_range(self))
		g_signal_emit(self, signals[SIGNAL_RANGE], 0, range.from_ms, range.to_ms);
	else
		g_signal_emit(self, signals[SIGNAL_RANGE], 0, (gint64)0, (gint64)0);
}

static gboolean histogram_button_press(GtkWidget *widget, GdkEventButton *event)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);

	gtk_widget_grab_focus(widget);
	if (event->button != GDK_BUTTON_PRIMARY)
		return FALSE;
	self->dragging = TRUE;
	self->drag_from = self->drag_to = event->x;
	return TRUE;
}

static gboolean histogram_motion(GtkWidget *widget, GdkEventMotion *event)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);

	if (!self->dragging)
		return FALSE;
	self->drag_to = CLAMP(event->x, 0, gtk_widget_get_allocated_width(widget));
	gtk_widget_queue_draw(widget);
	return TRUE;
}

static gboolean histogram_button_release(GtkWidget *widget, GdkEventButton *event)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);
	double from = MIN(self->drag_from, self->drag_to), to = MAX(self->drag_from, self->drag_to);

	if (!self->dragging || event->button != GDK_BUTTON_PRIMARY)
		return FALSE;
	self->dragging = FALSE;
	if (to - from >= BAR)
		choose(self, (struct reader_range){ time_of(self, from), time_of(self, to) + 1 });
	else if (has_range(self))
		choose(self, READER_ALL_TIME);
	return TRUE;
}

static void nudge(Histogram *self, int by, gboolean longer)
{
	int64_t step = MAX(1, (int64_t)(span_of_bounds(self) / 50)) * by;
	struct reader_range r = self->range;

	if (!has_range(self))
		r = (struct reader_range){ self->bounds.to_ms - ABS(step) * 5, self->bounds.to_ms };
	else if (!longer)
		r.from_ms += step, r.to_ms += step;
	else
		r.to_ms += step;
	r.from_ms = CLAMP(r.from_ms, self->bounds.from_ms, self->bounds.to_ms - 1);
	r.to_ms = CLAMP(r.to_ms, r.from_ms + 1, self->bounds.to_ms);
	choose(self, r);
}

static gboolean histogram_key_press(GtkWidget *widget, GdkEventKey *event)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);
	gboolean shift = (event->state & GDK_SHIFT_MASK) != 0;

	if (event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK))
		return GTK_WIDGET_CLASS(histogram_parent_class)->key_press_event(widget, event);
	switch (event->keyval) {
	case GDK_KEY_Left: nudge(self, -1, shift); return TRUE;
	case GDK_KEY_Right: nudge(self, 1, shift); return TRUE;
	case GDK_KEY_Escape:
		if (has_range(self))
			choose(self, READER_ALL_TIME);
		return TRUE;
	default: return GTK_WIDGET_CLASS(histogram_parent_class)->key_press_event(widget, event);
	}
}

static gboolean histogram_query_tooltip(GtkWidget *widget, gint x, gint y, gboolean keyboard, GtkTooltip *tooltip)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);
	int64_t i = self->data.bin_ms ? (time_of(self, x) - self->data.from_ms) / self->data.bin_ms : -1;
	g_autofree char *from = NULL, *total = NULL, *zone = NULL;
	g_autoptr(GString) text = NULL;
	GdkRectangle area = { x - BAR, 0, 2 * BAR, gtk_widget_get_allocated_height(widget) };

	if (keyboard || i < 0 || (size_t)i >= self->data.n_bins)
		return FALSE;
	from = event_time(self->data.from_ms + i * self->data.bin_ms);
	total = event_number(bin_total(self, (size_t)i));
	text = g_string_new(NULL);
	zone = time_range_zone(self->data.from_ms + i * self->data.bin_ms);
	g_string_printf(text, _("%s %s: %s events"), from, zone, total);
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		g_autofree char *n = event_number(bin(self, (size_t)i)[c]);

		if (bin(self, (size_t)i)[c])
			g_string_append_printf(text, "\n%s  %s", n, theme_kind_name(c));
	}
	gtk_tooltip_set_text(tooltip, text->str);
	gtk_tooltip_set_tip_area(tooltip, &area);
	return TRUE;
}

/* ---- what it shows ---- */

void histogram_set_subject(Histogram *self, struct reader_range bounds, const struct gap *gaps, size_t n_gaps)
{
	self->bounds = bounds;
	g_free(self->gaps);
	self->gaps = g_new(struct gap, n_gaps);
	self->n_gaps = 0;
	for (size_t i = 0; i < n_gaps; i++)
		if (gap_cause_is_drawn(gaps[i].cause))
			self->gaps[self->n_gaps++] = gaps[i];
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void histogram_set_data(Histogram *self, struct reader_histogram *h)
{
	reader_histogram_free(&self->data);
	self->data = *h;
	*h = (struct reader_histogram){ 0 };
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void histogram_set_range(Histogram *self, struct reader_range range)
{
	self->range = range;
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void histogram_set_seen(Histogram *self, struct reader_range seen)
{
	g_autofree char *from = NULL, *to = NULL, *words = NULL;

	if (seen.from_ms == self->seen.from_ms && seen.to_ms == self->seen.to_ms)
		return;
	self->seen = seen;
	if (seen.from_ms <= seen.to_ms) {
		from = time_range_format(seen.from_ms);
		to = time_range_format(seen.to_ms);
		words = g_strdup_printf(_("In sight: %s – %s"), from, to);
	}
	atk_object_set_description(gtk_widget_get_accessible(GTK_WIDGET(self)), words ? words : "");
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void histogram_finalize(GObject *object)
{
	Histogram *self = SPOOR_HISTOGRAM(object);

	reader_histogram_free(&self->data);
	g_free(self->gaps);
	G_OBJECT_CLASS(histogram_parent_class)->finalize(object);
}

/* Room for the bars, and for times in letters of any size. */
static void set_height(GtkWidget *widget)
{
	Histogram *self = SPOOR_HISTOGRAM(widget);
	g_autoptr(PangoLayout) layout = axis_layout(self);
	int line;

	pango_layout_get_pixel_size(layout, NULL, &line);
	self->axis = line + 2;
	gtk_widget_set_size_request(widget, 160, PLOT + self->axis);
}

static void histogram_style_updated(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(histogram_parent_class)->style_updated(widget);
	set_height(widget);
}

static void histogram_class_init(HistogramClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = histogram_finalize;
	widget->draw = histogram_draw;
	widget->size_allocate = histogram_size_allocate;
	widget->button_press_event = histogram_button_press;
	widget->button_release_event = histogram_button_release;
	widget->motion_notify_event = histogram_motion;
	widget->key_press_event = histogram_key_press;
	widget->style_updated = histogram_style_updated;
	widget->query_tooltip = histogram_query_tooltip;
	gtk_widget_class_set_css_name(widget, "histogram");
	gtk_widget_class_set_accessible_role(widget, ATK_ROLE_CHART);
	signals[SIGNAL_NEED_DATA] = g_signal_new("need-data", HISTOGRAM_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                         G_TYPE_NONE, 1, G_TYPE_UINT);
	signals[SIGNAL_RANGE] = g_signal_new("range-chosen", HISTOGRAM_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                     G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
}

static void histogram_init(Histogram *self)
{
	GtkWidget *widget = GTK_WIDGET(self);

	self->range = READER_ALL_TIME;
	gtk_widget_set_can_focus(widget, TRUE);
	gtk_widget_set_has_tooltip(widget, TRUE);
	set_height(widget);
	gtk_widget_add_events(widget, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK |
	                              GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
	atk_object_set_name(gtk_widget_get_accessible(widget), _("Events over time"));
	self->seen = (struct reader_range){ 1, 0 };
}

GtkWidget *histogram_new(void)
{
	return g_object_new(HISTOGRAM_TYPE, NULL);
}
