/* BarList: a list of named amounts as bars, in groups or not. The pointer and the keyboard's focus show the exact numbers;
 * rows are accessible children. As tall as its rows: put it into a scrolled window. Signals:
 *   "row-activated" (guint id)
 *   "row-focused" (const char *about)
 *   "row-menu" (guint id, GtkMenu *menu)   to be filled; empty: none is shown
 */
#pragma once

#include <gtk/gtk.h>

struct bar_row {
	char *label;         /* cut in the middle when too long */
	char *amount, *share; /* at the right; share may be NULL */
	char *about;         /* a sentence with the exact numbers: tooltip, assistive technology */
	double part;         /* of the longest bar, 0 to 1 */
	guint category;      /* its colour and shape; EVENT_NONE: the accent's, and no shape */
	gboolean heading;    /* of a group */
	guint id;
};

#define BAR_TYPE_LIST (bar_list_get_type())
G_DECLARE_FINAL_TYPE(BarList, bar_list, BAR, LIST, GtkDrawingArea)

/* `name`: for assistive technology. */
GtkWidget *bar_list_new(const char *name);
/* Takes the rows' texts over; `rows` itself stays the caller's. `empty` stands there when there are none. */
void bar_list_set_rows(BarList *self, const struct bar_row *rows, guint n, const char *empty);
/* All of it, without hover and focus; `paper`: in the light theme. */
void bar_list_draw_picture(BarList *self, cairo_t *cr, gboolean paper);
