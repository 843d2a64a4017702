/* SearchBuilder: chooses a parameter, an operand and a value, and makes a condition of them; or changes one. Signals:
 *   "built" (gpointer expr, int join)   Add or Update was pressed: struct expr *, the receiver's to free; SEARCH_AND or
 *                                       SEARCH_OR: how it joins what is there
 *   "closed"                            Esc, or the close button
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/search-model.h"
#include "gui/search-parameter.h"
#include "gui/source.h"

#define SEARCH_BUILDER_TYPE (search_builder_get_type())
G_DECLARE_FINAL_TYPE(SearchBuilder, search_builder, SEARCH, BUILDER, GtkBox)

GtkWidget *search_builder_new(void);
/* Which parameters are offered. */
void search_builder_set_kind(SearchBuilder *self, enum event_category kind);
/* For a new condition; `joins`: there are others, so that "and" or "or" is asked for. */
void search_builder_begin(SearchBuilder *self, gboolean joins);
/* To change that one. FALSE: it cannot be shown here. */
gboolean search_builder_edit(SearchBuilder *self, const struct search_node *n);
/* Whose values are offered. */
void search_builder_set_source(SearchBuilder *self, Source *source);
void search_builder_focus(SearchBuilder *self);
