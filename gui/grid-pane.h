/* GridPane: an EventGrid with all that belongs to one: scroll bars, and beside it the values of a field (value-panel).
 * The explorer and the process page show their events in one of these. Signals:
 *   "filter" (const char *expression)   to be added to what is asked
 * Actions, of the group "grid": "group" (Ctrl+Shift+G), "find" (Ctrl+F), "colours", "wrap-rows".
 */
#pragma once

#include "gui/event-grid.h"

#define GRID_PANE_TYPE (grid_pane_get_type())
G_DECLARE_FINAL_TYPE(GridPane, grid_pane, GRID, PANE, GtkBox)

GtkWidget *grid_pane_new(void);
GtkWidget *grid_pane_get_grid(GridPane *self);
GtkAdjustment *grid_pane_get_vadjustment(GridPane *self);
/* Buttons for the owner to put where they fit. */
GtkWidget *grid_pane_get_tools(GridPane *self);
/* Its actions, from anywhere in the owner. */
void grid_pane_add_actions(GtkWidget *owner, GridPane *self);
/* Once. */
void grid_pane_set_model(GridPane *self, EventModel *model);
/* Where colour rules, and whether rows have several lines, are kept. Once. */
void grid_pane_set_settings(GridPane *self, GSettings *settings);
/* What the model is asked, for what is counted beside it. */
void grid_pane_set_query(GridPane *self, const struct source_query *q);
/* Opens the values of that column's field, NULL: of the last one. */
void grid_pane_group(GridPane *self, const struct field *f);
/* Stops what runs: the page goes. */
void grid_pane_stop(GridPane *self);
