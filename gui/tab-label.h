/* TabLabel: the tab of a page in a notebook: its title and a button that closes it. A middle click closes, too.
 * Signals:
 *   "close"
 *   "menu" (GdkEvent *)   the secondary button was pressed
 */
#pragma once

#include <gtk/gtk.h>

#define TAB_LABEL_TYPE (tab_label_get_type())
G_DECLARE_FINAL_TYPE(TabLabel, tab_label, TAB, LABEL, GtkEventBox)

GtkWidget *tab_label_new(const char *title, const char *tooltip);
const char *tab_label_get_title(TabLabel *self);
void tab_label_set_title(TabLabel *self, const char *title);
