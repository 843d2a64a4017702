/* grid-rows: what is done with all selected rows of an event grid, also those that are not in memory: they are fetched
 * first. What does not work out is told by the grid's signal "told". A newer action on the same grid ends the one before. */
#pragma once

#include "gui/event-grid.h"
#include "gui/row-fetch.h"

enum { GRID_ROWS_MOST = 10000, GRID_ROWS_RANGES_MOST = 500 };

enum grid_rows_as { GRID_ROWS_VALUE, GRID_ROWS_TEXT, GRID_ROWS_JSON, GRID_ROWS_TSV };

/* How many there are. */
guint64 grid_rows_count(EventGrid *grid);
/* To the clipboard: values of the keyboard's column, or rows, a line each. FALSE: nothing is selected. */
gboolean grid_rows_copy(EventGrid *grid, enum grid_rows_as as);

/* Calls `done` with GRID_ROWS_MOST rows at most; not at all when that does not work out or the grid goes. */
typedef void grid_rows_fn(EventGrid *grid, const struct row_fetched *rows);
void grid_rows_fetch(EventGrid *grid, grid_rows_fn *done);

/* What asks for exactly these of what the model is asked, in its range; "" where that is everything. `free_data` is called
 * in any case. FALSE: nothing is selected. */
typedef void grid_rows_expression_fn(const char *expression, gpointer data);
gboolean grid_rows_expression(EventGrid *grid, grid_rows_expression_fn *done, gpointer data, GDestroyNotify free_data);
