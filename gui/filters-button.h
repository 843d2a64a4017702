/* FiltersButton: recent and saved filters, in a popover: choose, save, rename, delete. Signal:
 *   "chosen" (const char *expression)
 */
#pragma once

#include <gtk/gtk.h>

#define FILTERS_BUTTON_TYPE (filters_button_get_type())
G_DECLARE_FINAL_TYPE(FiltersButton, filters_button, FILTERS, BUTTON, GtkMenuButton)

/* What it does with one, as its name: "Recent and saved filters", "Add a saved filter". */
GtkWidget *filters_button_new(const char *name);
/* What can be saved now; NULL or "": nothing. */
void filters_button_set_expression(FiltersButton *self, const char *expression);
void filters_button_open(FiltersButton *self);
