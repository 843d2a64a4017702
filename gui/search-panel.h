/* SearchPanel: the search builder: the expression as chips (search-chips), and below them, when asked for, the row that
 * makes a condition (search-builder). The filter bar shows the same expression as text. Signals:
 *   "applied" (const char *expression)   changed by hand
 *   "edit-text"                          a chip that only the filter bar can change was clicked
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"
#include "recorder/event.h"

#define SEARCH_PANEL_TYPE (search_panel_get_type())
G_DECLARE_FINAL_TYPE(SearchPanel, search_panel, SEARCH, PANEL, GtkBox)

GtkWidget *search_panel_new(void);
/* Emits nothing. Keeps what is switched off. */
void search_panel_set_text(SearchPanel *self, const char *expression);
/* Whose values are offered. */
void search_panel_set_source(SearchPanel *self, Source *source);
void search_panel_set_kind(SearchPanel *self, enum event_category kind);
/* At the end of the row of chips. */
void search_panel_pack_end(SearchPanel *self, GtkWidget *w);
/* Opens the row that makes a condition, or closes it. */
void search_panel_toggle_builder(SearchPanel *self);
/* FALSE: there is nothing to take back. */
gboolean search_panel_undo(SearchPanel *self);
gboolean search_panel_redo(SearchPanel *self);
