/* ViewBar: a row of tools over a drawing (timeline, tree), and below it, once asked for, an entry to find something in it.
 * Signals:
 *   "find-changed" (const char *text)   as one types; "" when the entry is closed
 *   "find-step" (gint by)               Enter, Ctrl+G: the next (1); with Shift: the previous (-1)
 *   "find-closed" ()                    Esc: the drawing gets the focus back
 */
#pragma once

#include <gtk/gtk.h>

#define VIEW_BAR_TYPE (view_bar_get_type())
G_DECLARE_FINAL_TYPE(ViewBar, view_bar, VIEW, BAR, GtkBox)

/* `what` is found: "Find in the timeline", shown in the empty entry and told to assistive technology. */
GtkWidget *view_bar_new(const char *what);
/* A button with an icon of the theme; `clicked` is called with data. Owned by the bar. */
GtkWidget *view_bar_add(ViewBar *self, const char *icon, const char *name, GCallback clicked, gpointer data);
/* Any other tool, from the start or from the end of the row. */
void view_bar_pack(ViewBar *self, GtkWidget *tool, gboolean at_end);
/* Opens the entry and puts the cursor there. */
void view_bar_find(ViewBar *self);
/* "3 of 17", "nothing found": beside the entry. */
void view_bar_set_found(ViewBar *self, const char *words);
const char *view_bar_get_text(ViewBar *self);
