/* HistoryPane: the events of one process as a grid, with a filter of its own. What is chosen and what is in sight is told
 * and can be set, so that it moves with a timeline. Signals:
 *   "open-process" (gint64 process)
 *   "explore" (const char *expression)
 *   "row-selected" (gint64 time_from, gint64 time_to, guint category)   by the user
 *   "listed" (gint64 time_from, gint64 time_to)                         the rows in sight are of that time; scrolled
 *                                                                       there by the user
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/export-page.h"

#define HISTORY_TYPE_PANE (history_pane_get_type())
G_DECLARE_FINAL_TYPE(HistoryPane, history_pane, HISTORY, PANE, GtkBox)

GtkWidget *history_pane_new(Source *source, gint64 process, GSettings *settings);
/* Selects the first event at or after that time. */
void history_pane_select_time(HistoryPane *self, gint64 ms);
/* Scrolls so that the rows begin with the events of that range. Emits nothing. */
void history_pane_show_range(HistoryPane *self, struct reader_range range);
/* What is listed, for an export. */
void history_pane_get_shown(HistoryPane *self, struct export_shown *ret);
GtkWidget *history_pane_get_grid(HistoryPane *self);
gboolean history_pane_copy(HistoryPane *self, gboolean whole_row);
void history_pane_stop(HistoryPane *self);
