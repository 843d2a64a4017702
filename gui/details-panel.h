/* details-panel: lines of details (gui/details.h) as labels in a grid. Each value can be copied: right click or Menu on
 * it, or Ctrl+C where it has the focus and nothing of it is selected.
 */
#pragma once

#include <gtk/gtk.h>

/* Replaces what the grid holds. `lines`: GArray of struct details_line; read during the call. `open` is called when a
 * value that names another process is followed; with 0 for one that leads to the login story. */
void details_panel_fill(GtkGrid *grid, GArray *lines, void (*open)(gpointer data, gint64 process), gpointer data);
