/* EventGridAccessible: what assistive technology sees of an EventGrid: a table whose children are the rows in sight,
 * each named by its cells' texts, with its place on the screen, a selected state and the action "activate". */
#pragma once

#include <gtk/gtk-a11y.h>
#include <gtk/gtk.h>

GType event_grid_accessible_get_type(void);
/* The rows in sight have changed. */
void event_grid_accessible_update(GtkWidget *grid);
/* The selected row has changed. */
void event_grid_accessible_select(GtkWidget *grid);
