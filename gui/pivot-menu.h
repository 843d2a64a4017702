/* pivot-menu: what can be done with a value in an event grid. One menu for all grids. */
#pragma once

#include "gui/event-grid.h"

/* What the menu's owner does. Any may be NULL: its item is left out. */
struct pivot_menu_actions {
	void (*filter)(const char *expression, gpointer data); /* to add to what is asked */
	void (*only)(const char *expression, gpointer data);   /* to ask instead */
	void (*open_process)(gint64 process, gpointer data);
	gpointer data;
};

/* Shows it for the cell. `actions` must outlive the grid. */
void pivot_menu_popup(EventGrid *grid, guint64 row, enum event_column column,
                      const struct pivot_menu_actions *actions);
/* Ctrl+C, Ctrl+Shift+C: the values of the keyboard's column in all selected rows, or the rows. False when nothing is selected. */
gboolean pivot_menu_copy(EventGrid *grid, gboolean whole_row);
