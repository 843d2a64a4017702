/* GridFind: a bar that finds text (or an expression) in all rows of a grid's model, also those that are not in memory:
 * the reader is asked for the next one. */
#pragma once

#include "gui/event-grid.h"

#define GRID_FIND_TYPE (grid_find_get_type())
G_DECLARE_FINAL_TYPE(GridFind, grid_find, GRID, FIND, GtkBox)

GtkWidget *grid_find_new(EventGrid *grid);
/* What the grid's model is asked. */
void grid_find_set_query(GridFind *self, const struct source_query *q);
void grid_find_open(GridFind *self);
void grid_find_stop(GridFind *self);
