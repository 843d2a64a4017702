#include "timeline/view/view-pointer.h"

#include <math.h>

enum { DRAG_PX = 4 };

void view_pointer_init(GtkWidget *widget)
{
	gtk_widget_set_can_focus(widget, TRUE);
	gtk_widget_set_has_tooltip(widget, TRUE);
	gtk_widget_add_events(widget, GDK_SCROLL_MASK | GDK_SMOOTH_SCROLL_MASK | GDK_BUTTON_PRESS_MASK |
	                              GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK | GDK_LEAVE_NOTIFY_MASK |
	                              GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
}

void view_pointer_wheel(const GdkEventScroll *e, double *ret_dx, double *ret_dy)
{
	double dx = 0, dy = 0;

	if (!gdk_event_get_scroll_deltas((const GdkEvent *)e, &dx, &dy)) {
		dy = e->direction == GDK_SCROLL_DOWN ? 1 : e->direction == GDK_SCROLL_UP ? -1 : 0;
		dx = e->direction == GDK_SCROLL_RIGHT ? 1 : e->direction == GDK_SCROLL_LEFT ? -1 : 0;
	}
	*ret_dx = dx;
	*ret_dy = dy;
}

void view_pointer_cursor(GtkWidget *widget, const char *name)
{
	g_autoptr(GdkCursor) cursor = name ? gdk_cursor_new_from_name(gtk_widget_get_display(widget), name) : NULL;

	if (gtk_widget_get_window(widget))
		gdk_window_set_cursor(gtk_widget_get_window(widget), cursor);
}

void view_pointer_press(struct view_pointer *p, GtkWidget *widget, const GdkEventButton *e)
{
	gtk_widget_grab_focus(widget);
	*p = (struct view_pointer){ .button = e->type == GDK_BUTTON_PRESS ? e->button : 0,
		                    .mods = e->state & gtk_accelerator_get_default_mod_mask(),
		                    .press_x = e->x, .press_y = e->y, .last_x = e->x, .last_y = e->y };
}

gboolean view_pointer_drag(struct view_pointer *p, GtkWidget *widget, const GdkEventMotion *e, const char *cursor,
                           double *ret_dx, double *ret_dy)
{
	if (!p->button || (!p->dragged && hypot(e->x - p->press_x, e->y - p->press_y) < DRAG_PX))
		return FALSE;
	if (!p->dragged)
		view_pointer_cursor(widget, cursor);
	p->dragged = TRUE;
	*ret_dx = e->x - p->last_x;
	*ret_dy = e->y - p->last_y;
	p->last_x = e->x;
	p->last_y = e->y;
	return TRUE;
}

gboolean view_pointer_release(struct view_pointer *p, GtkWidget *widget, const GdkEventButton *e)
{
	if (!p->button || e->button != p->button)
		return FALSE;
	p->button = 0;
	if (p->dragged)
		view_pointer_cursor(widget, NULL);
	return TRUE;
}

void view_pointer_tip(GtkTooltip *tip, const struct buf *text, cairo_rectangle_t about)
{
	const GdkRectangle area = { (int)about.x, (int)about.y, (int)fmax(about.width, 1), (int)fmax(about.height, 1) };

	gtk_tooltip_set_text(tip, text->p ? text->p : "");
	gtk_tooltip_set_tip_area(tip, &area);
}

PangoContext *view_pointer_look(GtkWidget *widget, struct theme *ret)
{
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	GdkRGBA base = { 1, 1, 1, 1 };

	if (!gtk_style_context_lookup_color(style, "theme_base_color", &base))
		gtk_style_context_lookup_color(style, "theme_bg_color", &base);
	theme_init(ret, theme_is_dark((struct theme_colour){ base.red, base.green, base.blue }));
	return gtk_widget_create_pango_context(widget);
}
