/* SearchChips: draws a search_model as chips and groups and changes it by hand: click, menu, Delete, drag one chip onto
 * another or into a group, click "and" to make it "or". Signals:
 *   "changed"                    the model was changed
 *   "edit" (gpointer node)       a chip was clicked: const struct search_node *, valid until the next change
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/search-model.h"

#define SEARCH_CHIPS_TYPE (search_chips_get_type())
G_DECLARE_FINAL_TYPE(SearchChips, search_chips, SEARCH, CHIPS, GtkBox)

/* The model must outlive it. */
GtkWidget *search_chips_new(struct search_model *model);
/* The model was changed elsewhere. */
void search_chips_refresh(SearchChips *self);
