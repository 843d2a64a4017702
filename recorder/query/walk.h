/* walk: every row that an expression matches, one after the other, in bounded memory. */
#pragma once

#include "recorder/query/reader.h"
#include "recorder/query/row-format.h"

struct walk {
	struct reader *reader;
	struct cancel *cancel; /* may be NULL */
	const struct expr *where;
	struct reader_range range;
	enum reader_order order;
	uint64_t limit;        /* UINT64_MAX: none */
	bool args;             /* the exact arguments of rows of processes are asked for too */
};
/* The line lives until the call returns. Another answer than 0 ends the walk. */
typedef int walk_fn(const struct row_format_line *line, void *data);

/* 0, what fn answered, or a reader's error (reader_error_text). */
int walk_rows(const struct walk *w, walk_fn *fn, void *data);
