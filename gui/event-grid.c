#include <math.h>

#include "gui/event-grid-accessible.h"
#include "gui/event-grid-private.h"
#include "gui/i18n.h"

static void scrollable_init(GtkScrollableInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE(EventGrid, event_grid, GTK_TYPE_DRAWING_AREA,
                              G_IMPLEMENT_INTERFACE(GTK_TYPE_SCROLLABLE, scrollable_init))

enum { PROP_0, PROP_HADJUSTMENT, PROP_VADJUSTMENT, PROP_HPOLICY, PROP_VPOLICY };
enum { SIGNAL_ACTIVATED, SIGNAL_SELECTION, SIGNAL_MENU, SIGNAL_SORT, SIGNAL_GROUP, SIGNAL_COLUMNS,
       SIGNAL_COLOURS_FAILED, SIGNAL_TOLD, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- geometry ---- */

static GtkAdjustment *vertical(EventGrid *self)
{
	return self->adjustment[GTK_ORIENTATION_VERTICAL];
}

static guint64 n_rows(EventGrid *self)
{
	return self->model ? event_model_get_n_rows(self->model) : 0;
}

static double offset(EventGrid *self)
{
	return vertical(self) ? floor(gtk_adjustment_get_value(vertical(self))) : 0;
}

static int body_height(EventGrid *self)
{
	return MAX(0, gtk_widget_get_allocated_height(GTK_WIDGET(self)) - self->header_height);
}

/* Times are never cut, whatever the font. */
int event_grid_own_width(EventGrid *self, enum event_column column)
{
	if (!event_grid_is_shown(self, column))
		return 0;
	return column == EVENT_COLUMN_TIME ? MAX(self->widths[column], self->time_width) : self->widths[column];
}

int event_grid_column_width(EventGrid *self, enum event_column column)
{
	int rest;

	if (!event_grid_info(self, column).grows)
		return event_grid_own_width(self, column);
	rest = gtk_widget_get_allocated_width(GTK_WIDGET(self));
	for (int i = 0; i < (int)event_grid_n_columns(self); i++)
		rest -= i == (int)column ? 0 : event_grid_own_width(self, i);
	return event_grid_is_shown(self, column) ? MAX(rest, event_grid_info(self, column).width) : 0;
}

int event_grid_column_x(EventGrid *self, enum event_column column)
{
	GtkAdjustment *h = self->adjustment[GTK_ORIENTATION_HORIZONTAL];
	int x = h ? -(int)gtk_adjustment_get_value(h) : 0;

	for (guint i = 0; i < event_grid_n_columns(self) && self->order[i] != column; i++)
		x += event_grid_column_width(self, self->order[i]);
	return x;
}

enum event_column event_grid_column_at(EventGrid *self, double x)
{
	enum event_column last = self->order[0];

	x -= event_grid_column_x(self, self->order[0]);
	for (guint i = 0; i < event_grid_n_columns(self); i++) {
		guint column = self->order[i];

		x -= event_grid_column_width(self, column);
		if (x < 0)
			return column;
		last = event_grid_is_shown(self, column) ? column : last;
	}
	return last;
}

void event_grid_get_visible(EventGrid *self, guint64 *ret_first, guint *ret_n)
{
	guint64 total = n_rows(self), first = (guint64)(offset(self) / self->row_height);
	guint64 n = (guint64)body_height(self) / self->row_height + 2;

	first = MIN(first, total);
	*ret_first = first;
	*ret_n = (guint)MIN(n, total - first);
}

void event_grid_get_area(EventGrid *self, guint64 row, enum event_column column, GdkRectangle *ret)
{
	gboolean all = column == EVENT_COLUMN_COUNT;

	ret->x = all ? 0 : event_grid_column_x(self, column);
	ret->width = all ? gtk_widget_get_allocated_width(GTK_WIDGET(self)) : event_grid_column_width(self, column);
	ret->y = self->header_height + (int)((double)row * self->row_height - offset(self));
	ret->height = self->row_height;
}

guint64 event_grid_row_at(EventGrid *self, double y)
{
	guint64 row;

	if (y < self->header_height)
		return EVENT_GRID_NO_ROW;
	row = (guint64)((y - self->header_height + offset(self)) / self->row_height);
	return row < n_rows(self) ? row : EVENT_GRID_NO_ROW;
}

static void look(EventGrid *self)
{
	guint64 first;
	guint n;

	event_grid_get_visible(self, &first, &n);
	if (self->model && n)
		event_model_want(self->model, first, n);
	event_grid_want_cells(self, first, n);
	event_grid_accessible_update(GTK_WIDGET(self));
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void configure(EventGrid *self)
{
	GtkAdjustment *v = vertical(self), *h = self->adjustment[GTK_ORIENTATION_HORIZONTAL];
	double page = body_height(self), upper = MAX((double)n_rows(self) * self->row_height, page);
	double width = gtk_widget_get_allocated_width(GTK_WIDGET(self)), all = 0;

	for (guint i = 0; i < event_grid_n_columns(self); i++)
		all += event_grid_column_width(self, i);
	all = MAX(all, width);
	if (v)
		gtk_adjustment_configure(v, CLAMP(gtk_adjustment_get_value(v), 0, upper - page), 0, upper,
		                         self->row_height * 3, page * 0.9, page);
	if (h)
		gtk_adjustment_configure(h, CLAMP(gtk_adjustment_get_value(h), 0, all - width), 0, all, 40, width * 0.9, width);
	look(self);
}

/* The first row in sight stays the first. */
void event_grid_set_wrap(EventGrid *self, gboolean wrap)
{
	guint64 first = (guint64)(offset(self) / self->row_height);

	if (self->wrap == wrap)
		return;
	self->wrap = wrap;
	event_grid_update_fonts(self);
	configure(self);
	if (vertical(self))
		gtk_adjustment_set_value(vertical(self), (double)first * self->row_height);
}

static void event_grid_style_updated(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(event_grid_parent_class)->style_updated(widget);
	event_grid_update_fonts(EVENT_GRID(widget));
	EVENT_GRID(widget)->theme = look_theme(widget);
	configure(EVENT_GRID(widget));
}

static void event_grid_size_allocate(GtkWidget *widget, GtkAllocation *allocation)
{
	GTK_WIDGET_CLASS(event_grid_parent_class)->size_allocate(widget, allocation);
	configure(EVENT_GRID(widget));
}

/* ---- selection ---- */

void event_grid_scroll_to(EventGrid *self, guint64 row)
{
	GtkAdjustment *v = vertical(self);

	if (v)
		gtk_adjustment_clamp_page(v, (double)row * self->row_height, (double)(row + 1) * self->row_height);
}

enum event_column event_grid_get_column(EventGrid *self)
{
	return self->column;
}

/* ---- keyboard ---- */

/* `extends`: with all rows from where the selection began. */
static gboolean move(EventGrid *self, gint64 by, gboolean extends)
{
	guint64 n = n_rows(self), row = self->selected;

	if (!n)
		return TRUE;
	if (row == EVENT_GRID_NO_ROW)
		row = (guint64)(offset(self) / self->row_height);
	else if (by < 0)
		row -= MIN(row, (guint64)-by);
	else
		row += MIN(n - 1 - row, (guint64)by);
	event_grid_scroll_to(self, row);
	if (extends)
		event_grid_choose_to(self, row);
	else
		event_grid_choose(self, row);
	return TRUE;
}

static gboolean move_column(EventGrid *self, int by)
{
	self->column = event_grid_beside(self, self->column, by);
	gtk_widget_queue_draw(GTK_WIDGET(self));
	return TRUE;
}

static gboolean activate(EventGrid *self)
{
	if (self->selected != EVENT_GRID_NO_ROW)
		g_signal_emit(self, signals[SIGNAL_ACTIVATED], 0, self->selected);
	return TRUE;
}

static gboolean popup(GtkWidget *widget)
{
	EventGrid *self = EVENT_GRID(widget);

	if (self->selected != EVENT_GRID_NO_ROW)
		g_signal_emit(self, signals[SIGNAL_MENU], 0, self->selected, self->column);
	return TRUE;
}

static gboolean event_grid_key_press(GtkWidget *widget, GdkEventKey *event)
{
	EventGrid *self = EVENT_GRID(widget);
	gint64 page = MAX(1, body_height(self) / self->row_height - 1);
	GdkModifierType mods = event->state & gtk_accelerator_get_default_mod_mask();

	if (event_grid_header_key(self, event) || event_grid_selection_key(self, event))
		return TRUE;
	if (mods == GDK_CONTROL_MASK && (event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter))
		return activate(self); /* what follows is for the window to know: it looks at the event */
	if (mods & ~GDK_SHIFT_MASK)
		return GTK_WIDGET_CLASS(event_grid_parent_class)->key_press_event(widget, event);
	switch (event->keyval) {
	case GDK_KEY_Up: case GDK_KEY_KP_Up: return move(self, -1, mods);
	case GDK_KEY_Down: case GDK_KEY_KP_Down: return move(self, 1, mods);
	case GDK_KEY_Page_Up: case GDK_KEY_KP_Page_Up: return move(self, -page, mods);
	case GDK_KEY_Page_Down: case GDK_KEY_KP_Page_Down: return move(self, page, mods);
	case GDK_KEY_Home: case GDK_KEY_KP_Home: return move(self, -G_MAXINT64, mods);
	case GDK_KEY_End: case GDK_KEY_KP_End: return move(self, G_MAXINT64, mods);
	}
	if (mods)
		return GTK_WIDGET_CLASS(event_grid_parent_class)->key_press_event(widget, event);
	switch (event->keyval) {
	case GDK_KEY_Left: case GDK_KEY_KP_Left: return move_column(self, -1);
	case GDK_KEY_Right: case GDK_KEY_KP_Right: return move_column(self, 1);
	case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter: return activate(self);
	default: return GTK_WIDGET_CLASS(event_grid_parent_class)->key_press_event(widget, event);
	}
}

static gboolean event_grid_focus_in(GtkWidget *widget, GdkEventFocus *event)
{
	EventGrid *self = EVENT_GRID(widget);

	if (self->selected == EVENT_GRID_NO_ROW && n_rows(self) && !event_model_is_following(self->model))
		move(self, 0, FALSE);
	return GTK_WIDGET_CLASS(event_grid_parent_class)->focus_in_event(widget, event);
}

/* ---- pointer ---- */

static void set_hover(EventGrid *self, guint64 row)
{
	if (self->hover == row)
		return;
	self->hover = row;
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static gboolean event_grid_motion(GtkWidget *widget, GdkEventMotion *event)
{
	EventGrid *self = EVENT_GRID(widget);

	if (event_grid_header_motion(self, event->x, event->y))
		return TRUE;
	set_hover(self, event_grid_row_at(self, event->y));
	return FALSE;
}

static gboolean event_grid_leave(GtkWidget *widget, GdkEventCrossing *event)
{
	set_hover(EVENT_GRID(widget), EVENT_GRID_NO_ROW);
	return FALSE;
}

static gboolean event_grid_button_press(GtkWidget *widget, GdkEventButton *event)
{
	EventGrid *self = EVENT_GRID(widget);
	guint64 row = event_grid_row_at(self, event->y);

	gtk_widget_grab_focus(widget);
	if (event->y < self->header_height)
		return event_grid_header_press(self, event);
	if (row == EVENT_GRID_NO_ROW)
		return FALSE;
	self->column = event_grid_column_at(self, event->x);
	event_grid_selection_press(self, row, event);
	gtk_widget_queue_draw(widget);
	if (gdk_event_triggers_context_menu((GdkEvent *)event))
		return popup(widget);
	if (event->type == GDK_BUTTON_PRESS ? event->button == GDK_BUTTON_MIDDLE
	                                    : event->type == GDK_2BUTTON_PRESS && event->button == GDK_BUTTON_PRIMARY)
		return activate(self);
	return TRUE;
}

static gboolean event_grid_button_release(GtkWidget *widget, GdkEventButton *event)
{
	event_grid_selection_release(EVENT_GRID(widget));
	return event_grid_header_release(EVENT_GRID(widget));
}

/* What the cell cannot show, and what its row stands for. NULL: nothing more. */
static char *tooltip_of(EventGrid *self, const struct reader_row *row, enum event_column column, int width)
{
	g_autofree char *value = event_grid_value(self, row, column), *shown = event_grid_text(self, row, column);
	g_autofree char *span = event_column_span(row), *note = event_grid_note_words(self, row);
	g_autofree char *rules = event_grid_rule_words(self, row);
	PangoLayout *layout = event_grid_info(self, column).monospace ? self->mono : self->layout;
	g_autoptr(GPtrArray) lines = g_ptr_array_new();
	int w;

	pango_layout_set_width(layout, -1);
	pango_layout_set_text(layout, shown, -1);
	pango_layout_get_pixel_size(layout, &w, NULL);
	if (self->wrap)
		width *= LINES_WRAPPED - 1; /* at least: words are not cut */
	if (*value && (w > width || !g_str_equal(value, shown)))
		g_ptr_array_add(lines, value);
	if (span)
		g_ptr_array_add(lines, span);
	if (note)
		g_ptr_array_add(lines, note);
	if (rules)
		g_ptr_array_add(lines, rules);
	g_ptr_array_add(lines, NULL);
	return lines->len > 1 ? g_strjoinv("\n", (char **)lines->pdata) : NULL;
}

static gboolean event_grid_query_tooltip(GtkWidget *widget, gint x, gint y, gboolean keyboard, GtkTooltip *tooltip)
{
	EventGrid *self = EVENT_GRID(widget);
	guint64 i = keyboard ? self->selected : event_grid_row_at(self, y);
	enum event_column column = keyboard ? self->column : event_grid_column_at(self, x);
	const struct reader_row *row = i == EVENT_GRID_NO_ROW ? NULL : event_model_get_row(self->model, i);
	g_autofree char *text = NULL;
	GdkRectangle cell;

	if (!keyboard && y < self->header_height)
		return event_grid_header_tooltip(self, x, tooltip);
	if (!row)
		return FALSE;
	event_grid_get_area(self, i, column, &cell);
	text = tooltip_of(self, row, column, cell.width - 2 * PADDING);
	if (!text)
		return FALSE;
	gtk_tooltip_set_text(tooltip, text);
	gtk_tooltip_set_tip_area(tooltip, &cell);
	return TRUE;
}

/* ---- model ---- */

static void on_changed(EventGrid *self)
{
	event_grid_check_selection(self);
	if (self->selected == EVENT_GRID_NO_ROW && n_rows(self) && gtk_widget_has_focus(GTK_WIDGET(self)) &&
	    !event_model_is_following(self->model)) /* which stops at what is selected */
		event_grid_choose(self, 0);
	configure(self);
}

static void on_rows_arrived(EventGrid *self, guint64 from, guint64 to)
{
	guint64 first;
	guint n;

	event_grid_get_visible(self, &first, &n);
	if (from >= first + n || to <= first)
		return;
	event_grid_want_cells(self, first, n);
	event_grid_accessible_update(GTK_WIDGET(self));
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void event_grid_set_model(EventGrid *self, EventModel *model)
{
	if (self->model == model)
		return;
	if (self->model) {
		g_clear_signal_handler(&self->changed_handler, self->model);
		g_clear_signal_handler(&self->arrived_handler, self->model);
	}
	g_set_object(&self->model, model);
	event_grid_renew_cells(self);
	if (model) {
		self->changed_handler = g_signal_connect_swapped(model, "changed", G_CALLBACK(on_changed), self);
		self->arrived_handler = g_signal_connect_swapped(model, "rows-arrived", G_CALLBACK(on_rows_arrived), self);
	}
	event_grid_choose(self, EVENT_GRID_NO_ROW);
	configure(self);
}

EventModel *event_grid_get_model(EventGrid *self)
{
	return self->model;
}

/* ---- the object ---- */

static void set_adjustment(EventGrid *self, GtkOrientation which, GtkAdjustment *adjustment)
{
	if (self->adjustment[which])
		g_signal_handlers_disconnect_by_data(self->adjustment[which], self);
	g_clear_object(&self->adjustment[which]);
	if (!adjustment)
		adjustment = gtk_adjustment_new(0, 0, 0, 0, 0, 0);
	self->adjustment[which] = g_object_ref_sink(adjustment);
	g_signal_connect_swapped(adjustment, "value-changed", G_CALLBACK(look), self);
	configure(self);
}

static void event_grid_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
	EventGrid *self = EVENT_GRID(object);

	switch (id) {
	case PROP_HADJUSTMENT:
	case PROP_VADJUSTMENT:
		set_adjustment(self, id == PROP_HADJUSTMENT ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL,
		               g_value_get_object(value));
		break;
	case PROP_HPOLICY: self->policy[GTK_ORIENTATION_HORIZONTAL] = g_value_get_enum(value); break;
	case PROP_VPOLICY: self->policy[GTK_ORIENTATION_VERTICAL] = g_value_get_enum(value); break;
	default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
	}
}

static void event_grid_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
	EventGrid *self = EVENT_GRID(object);

	switch (id) {
	case PROP_HADJUSTMENT: g_value_set_object(value, self->adjustment[GTK_ORIENTATION_HORIZONTAL]); break;
	case PROP_VADJUSTMENT: g_value_set_object(value, self->adjustment[GTK_ORIENTATION_VERTICAL]); break;
	case PROP_HPOLICY: g_value_set_enum(value, self->policy[GTK_ORIENTATION_HORIZONTAL]); break;
	case PROP_VPOLICY: g_value_set_enum(value, self->policy[GTK_ORIENTATION_VERTICAL]); break;
	default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
	}
}

static void event_grid_dispose(GObject *object)
{
	EventGrid *self = EVENT_GRID(object);

	if (self->model) {
		g_clear_signal_handler(&self->changed_handler, self->model);
		g_clear_signal_handler(&self->arrived_handler, self->model);
		g_clear_object(&self->model);
		event_grid_renew_cells(self);
	}
	event_grid_set_notes(self, NULL);
	event_grid_set_rules(self, NULL);
	for (int i = 0; i < 2; i++) {
		if (self->adjustment[i])
			g_signal_handlers_disconnect_by_data(self->adjustment[i], self);
		g_clear_object(&self->adjustment[i]);
	}
	g_clear_object(&self->layout);
	g_clear_object(&self->mono);
	g_clear_pointer(&self->columns_default, g_free);
	G_OBJECT_CLASS(event_grid_parent_class)->dispose(object);
}

static void event_grid_finalize(GObject *object)
{
	row_set_free(EVENT_GRID(object)->chosen);
	G_OBJECT_CLASS(event_grid_parent_class)->finalize(object);
}

static void event_grid_class_init(EventGridClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
	GType type = EVENT_GRID_TYPE;

	object->set_property = event_grid_set_property;
	object->get_property = event_grid_get_property;
	object->dispose = event_grid_dispose;
	object->finalize = event_grid_finalize;
	widget->draw = event_grid_draw;
	widget->style_updated = event_grid_style_updated;
	widget->size_allocate = event_grid_size_allocate;
	widget->key_press_event = event_grid_key_press;
	widget->focus_in_event = event_grid_focus_in;
	widget->motion_notify_event = event_grid_motion;
	widget->leave_notify_event = event_grid_leave;
	widget->button_press_event = event_grid_button_press;
	widget->button_release_event = event_grid_button_release;
	widget->popup_menu = popup;
	widget->query_tooltip = event_grid_query_tooltip;
	gtk_widget_class_set_css_name(widget, "eventgrid");
	gtk_widget_class_set_accessible_type(widget, event_grid_accessible_get_type());

	g_object_class_override_property(object, PROP_HADJUSTMENT, "hadjustment");
	g_object_class_override_property(object, PROP_VADJUSTMENT, "vadjustment");
	g_object_class_override_property(object, PROP_HPOLICY, "hscroll-policy");
	g_object_class_override_property(object, PROP_VPOLICY, "vscroll-policy");

	signals[SIGNAL_ACTIVATED] = g_signal_new("row-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                         G_TYPE_NONE, 1, G_TYPE_UINT64);
	signals[SIGNAL_SELECTION] = g_signal_new("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                         G_TYPE_NONE, 0);
	signals[SIGNAL_MENU] = g_signal_new("menu-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                    G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT);
	signals[SIGNAL_SORT] = g_signal_new("sort-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                    G_TYPE_NONE, 0);
	signals[SIGNAL_GROUP] = g_signal_new("group-requested", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                     G_TYPE_NONE, 1, G_TYPE_UINT);
	signals[SIGNAL_COLOURS_FAILED] = g_signal_new("colours-failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                              G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[SIGNAL_TOLD] = g_signal_new("told", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
	                                    G_TYPE_STRING);
	signals[SIGNAL_COLUMNS] = g_signal_new("columns-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
}

static void event_grid_init(EventGrid *self)
{
	GtkWidget *widget = GTK_WIDGET(self);

	self->chosen = row_set_new();
	self->selected = self->anchor = self->held = self->hover = EVENT_GRID_NO_ROW;
	self->resizing = self->pressed = NO_COLUMN;
	self->column = EVENT_COLUMN_WHAT;
	event_grid_reset_columns(self);
	gtk_style_context_add_class(gtk_widget_get_style_context(widget), "view");
	gtk_widget_set_can_focus(widget, TRUE);
	gtk_widget_set_has_tooltip(widget, TRUE);
	gtk_widget_set_size_request(widget, 320, 96);
	gtk_widget_add_events(widget, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK |
	                              GDK_LEAVE_NOTIFY_MASK | GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK |
	                              GDK_SCROLL_MASK | GDK_SMOOTH_SCROLL_MASK);
	event_grid_update_fonts(self);
	self->theme = look_theme(widget);
}

GtkWidget *event_grid_new(void)
{
	return g_object_new(EVENT_GRID_TYPE, NULL);
}
