/* The header of an EventGrid under the pointer: edges that make columns wider, a click that sorts or groups, a column that
 * is dragged to another place; and the keys that move one. */
#include <math.h>

#include "gui/event-grid-private.h"
#include "gui/i18n.h"

enum { WIDEST = 1000 };

/* The column whose right edge is here, or NO_COLUMN. The edge of the growing one moves the next column's left. */
static int edge_at(EventGrid *self, double x, double y)
{
	int edge = event_grid_column_x(self, self->order[0]);
	guint n = event_grid_n_columns(self);

	if (y >= self->header_height)
		return NO_COLUMN;
	for (guint i = 0; i < n; i++) {
		guint column = self->order[i];

		edge += event_grid_column_width(self, column);
		if (event_grid_is_shown(self, column) && event_grid_beside(self, column, 1) != column &&
		    fabs(x - edge) <= RESIZE_REACH)
			return (int)column;
	}
	return NO_COLUMN;
}

static void set_cursor(EventGrid *self, const char *name)
{
	GdkWindow *window = gtk_widget_get_window(GTK_WIDGET(self));
	g_autoptr(GdkCursor) cursor = name ? gdk_cursor_new_from_name(gdk_window_get_display(window), name) : NULL;

	gdk_window_set_cursor(window, cursor);
}

/* ---- wider and narrower ---- */

/* The one whose width changes when this one's edge moves. */
static guint resized(EventGrid *self, int edge)
{
	return event_grid_info(self, (guint)edge).grows ? event_grid_beside(self, (guint)edge, 1) : (guint)edge;
}

static void resize(EventGrid *self, double x)
{
	int by = (int)(x - self->resize_from);

	if (event_grid_info(self, (guint)self->resizing).grows)
		by = -by;
	self->widths[resized(self, self->resizing)] = CLAMP(self->resize_width + by, COLUMN_LEAST, WIDEST);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

/* ---- to another place ---- */

/* Before which column it would come, dropped here: that in whose left half the pointer is, or the one behind it. */
static guint place_at(EventGrid *self, double x)
{
	guint column = event_grid_column_at(self, x), place = event_grid_place(self, column);
	double middle = event_grid_column_x(self, column) + event_grid_column_width(self, column) / 2.0;

	return x < middle ? place : place + 1;
}

/* It stands before the one that is at that place now. */
static gboolean drop(EventGrid *self, guint column, guint before)
{
	guint from = event_grid_place(self, column);

	if (before == from || before == from + 1)
		return FALSE;
	event_grid_move_column(self, column, before > from ? before - 1 : before);
	return TRUE;
}

static void end_drag(EventGrid *self)
{
	self->pressed = NO_COLUMN;
	self->dragging = FALSE;
	set_cursor(self, NULL);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

void event_grid_draw_drop(EventGrid *self, cairo_t *cr)
{
	guint n = event_grid_n_columns(self), place;
	GtkStyleContext *style = gtk_widget_get_style_context(GTK_WIDGET(self));
	guint last = self->order[n - 1];
	GdkRGBA c;
	int x;

	if (!self->dragging)
		return;
	place = place_at(self, self->drag_x);
	x = place < n ? event_grid_column_x(self, self->order[place])
	              : event_grid_column_x(self, last) + event_grid_column_width(self, last);
	gtk_style_context_get_color(style, gtk_style_context_get_state(style), &c);
	cairo_set_source_rgba(cr, c.red, c.green, c.blue, 0.10);
	cairo_rectangle(cr, event_grid_column_x(self, (guint)self->pressed), 0,
	                event_grid_column_width(self, (guint)self->pressed), self->header_height - 1);
	cairo_fill(cr);
	theme_set(cr, self->theme.accent, 1);
	cairo_rectangle(cr, MAX(x - 1, 0), 0, 3, gtk_widget_get_allocated_height(GTK_WIDGET(self)));
	cairo_fill(cr);
}

/* ---- from the widget ---- */

gboolean event_grid_header_motion(EventGrid *self, double x, double y)
{
	if (self->resizing != NO_COLUMN) {
		resize(self, x);
		return TRUE;
	}
	if (self->pressed == NO_COLUMN) {
		set_cursor(self, edge_at(self, x, y) != NO_COLUMN ? "col-resize" : NULL);
		return FALSE;
	}
	if (!self->dragging && !gtk_drag_check_threshold(GTK_WIDGET(self), (int)self->drag_x, 0, (int)x, 0))
		return TRUE;
	if (!self->dragging)
		set_cursor(self, "grabbing");
	self->dragging = TRUE;
	self->drag_x = x;
	gtk_widget_queue_draw(GTK_WIDGET(self));
	return TRUE;
}

gboolean event_grid_header_press(EventGrid *self, const GdkEventButton *event)
{
	int edge = edge_at(self, event->x, event->y);

	if (event->button != GDK_BUTTON_PRIMARY || event->type != GDK_BUTTON_PRESS)
		return FALSE;
	if (edge != NO_COLUMN) {
		self->resizing = edge;
		self->resize_from = event->x;
		self->resize_width = event_grid_own_width(self, resized(self, edge));
	} else {
		self->pressed = (int)event_grid_column_at(self, event->x);
		self->drag_x = event->x;
	}
	return TRUE;
}

/* A click: the owner sorts or groups. */
static void click(EventGrid *self, guint column)
{
	if (column == EVENT_COLUMN_TIME) {
		g_signal_emit_by_name(self, "sort-requested");
	} else {
		self->column = column;
		g_signal_emit_by_name(self, "group-requested", column);
	}
}

gboolean event_grid_header_release(EventGrid *self)
{
	int pressed = self->pressed;
	gboolean dragged = self->dragging;

	if (self->resizing != NO_COLUMN) {
		self->resizing = NO_COLUMN;
		g_signal_emit_by_name(self, "columns-changed");
		return TRUE;
	}
	if (pressed == NO_COLUMN)
		return FALSE;
	end_drag(self);
	if (!dragged)
		click(self, (guint)pressed);
	else if (drop(self, (guint)pressed, place_at(self, self->drag_x)))
		g_signal_emit_by_name(self, "columns-changed");
	return TRUE;
}

gboolean event_grid_header_key(EventGrid *self, const GdkEventKey *event)
{
	GdkModifierType mods = event->state & gtk_accelerator_get_default_mod_mask();
	gboolean left = event->keyval == GDK_KEY_Left || event->keyval == GDK_KEY_KP_Left;
	gboolean right = event->keyval == GDK_KEY_Right || event->keyval == GDK_KEY_KP_Right;
	guint beside;

	if (self->dragging && event->keyval == GDK_KEY_Escape) {
		end_drag(self);
		return TRUE;
	}
	if (mods != (GDK_CONTROL_MASK | GDK_SHIFT_MASK) || (!left && !right))
		return FALSE;
	beside = event_grid_beside(self, self->column, left ? -1 : 1);
	if (beside != self->column) {
		event_grid_move_column(self, self->column, event_grid_place(self, beside));
		g_signal_emit_by_name(self, "columns-changed");
	}
	return TRUE;
}

/* Millions of events are in the order of their times; any other order would need all of them. */
gboolean event_grid_header_tooltip(EventGrid *self, int x, GtkTooltip *tooltip)
{
	gtk_tooltip_set_text(tooltip, event_grid_column_at(self, x) == EVENT_COLUMN_TIME
	                     ? _("Click to turn the order round")
	                     : _("Events are sorted by time only. Click to group them by this column, drag to move it"));
	return TRUE;
}
