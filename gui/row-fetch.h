/* row-fetch: rows of an EventModel by where they stand, also those that are not in memory: what is to be copied, noted or
 * exported of a selection. */
#pragma once

#include "gui/event-model.h"
#include "gui/row-set.h"

struct row_fetched {
	const struct reader_row *const *rows; /* in the order shown */
	gsize n;
	const struct field *const *fields;
	gsize n_fields;
	const struct reader_cells *cells;     /* one for each READER_MAX_CELL_ROWS rows; NULL without fields */
};
/* What the row has in the field; absent where it has nothing. */
struct span row_fetched_cell(const struct row_fetched *f, gsize row, gsize field);

/* error NULL: they are there, until it returns. Not called when it was cancelled. */
typedef void row_fetch_done_fn(const struct row_fetched *fetched, const char *error, gpointer data);

/* Calls `done` on the main loop, at once where all is in memory; `free_data` (may be NULL) in any case, at the end. */
void row_fetch(EventModel *model, const struct row_set *which, const struct field *const *fields, gsize n_fields,
               GCancellable *cancellable, row_fetch_done_fn *done, gpointer data, GDestroyNotify free_data);
