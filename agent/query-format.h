/* query-format: rows of events as text for a terminal, CSV or JSON lines. */
#pragma once

#include <stdio.h>

#include "recorder/query/reader.h"

struct query_format {
	const char *name;
	/* What comes before the rows; may append nothing. */
	void (*head)(struct buf *out);
	/* One row with its newline. `args`: the exact arguments of the row's image, NULL when they were not asked for. */
	void (*row)(struct buf *out, const struct reader_row *row, const struct span *args, size_t n_args);
	bool wants_args;
};

/* "table", "csv", "json"; NULL for another name. */
const struct query_format *query_format_find(const char *name);
