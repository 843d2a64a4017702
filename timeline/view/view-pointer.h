/* view-pointer: what pointing at a cairo view has in common, whatever it shows: the wheel, telling a click from a drag,
 * the cursor, tooltips, and the colours of the desktop.
 */
#pragma once

#include <gtk/gtk.h>

#include "agent/base/buf.h"
#include "timeline/view/theme.h"

struct view_pointer {
	guint button;      /* held down; 0 none */
	GdkModifierType mods; /* when it was pressed */
	gboolean dragged;  /* it has moved too far to be a click */
	double press_x, press_y, last_x, last_y;
};

/* Lets the widget be pointed at and typed into. */
void view_pointer_init(GtkWidget *widget);
/* How far the wheel or the touch pad went, in notches; down and right are positive. */
void view_pointer_wheel(const GdkEventScroll *e, double *ret_dx, double *ret_dy);
/* Takes the focus, and remembers the press; of a double click it is over. */
void view_pointer_press(struct view_pointer *p, GtkWidget *widget, const GdkEventButton *e);
/* TRUE when a drag goes on: how far since the last time. `cursor` is shown from its beginning. */
gboolean view_pointer_drag(struct view_pointer *p, GtkWidget *widget, const GdkEventMotion *e, const char *cursor,
                           double *ret_dx, double *ret_dy);
/* TRUE when this ends what view_pointer_press began; p->dragged tells whether it was a drag. */
gboolean view_pointer_release(struct view_pointer *p, GtkWidget *widget, const GdkEventButton *e);
/* By its CSS name; NULL: the usual one. */
void view_pointer_cursor(GtkWidget *widget, const char *name);

void view_pointer_tip(GtkTooltip *tip, const struct buf *text, cairo_rectangle_t about);
/* The theme that fits the desktop's background. The context for texts is the caller's to unref. */
PangoContext *view_pointer_look(GtkWidget *widget, struct theme *ret);
