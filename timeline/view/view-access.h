/* view-access: what assistive technology is told about a cairo view: one accessible child for each thing that can be
 * pointed at, with name, place and a press action. The view implements the calls; children are made on demand.
 */
#pragma once

#include <gtk/gtk-a11y.h>
#include <gtk/gtk.h>

#include "agent/base/buf.h"

/* Items are numbered in reading order; the numbers hold until view_access_changed. */
struct view_access_calls {
	const char *role_name;                /* of the view, for people, N_(): "timeline" */
	AtkRole role, item_role;
	size_t (*n_items)(GtkWidget *view);
	void (*name)(GtkWidget *view, size_t item, struct buf *out);
	/* In the widget; false when it is out of sight. */
	gboolean (*place)(GtkWidget *view, size_t item, cairo_rectangle_t *ret);
	gboolean (*activate)(GtkWidget *view, size_t item);
	/* Number of the item that has the keyboard's focus, SIZE_MAX none. */
	size_t (*focused)(GtkWidget *view);
	/* One sentence about the whole. */
	void (*about)(GtkWidget *view, struct buf *out);
};

#define VIEW_TYPE_ACCESS (view_access_get_type())
G_DECLARE_FINAL_TYPE(ViewAccess, view_access, VIEW, ACCESS, GtkWidgetAccessible)

/* In class_init of the view: `calls` must live as long as the class. */
void view_access_install(GtkWidgetClass *class, const struct view_access_calls *calls);
/* The items are others now, or stand elsewhere. */
void view_access_changed(GtkWidget *view);
void view_access_focus_moved(GtkWidget *view);
