/* row-format: rows of events as lines of text: a table for a terminal, CSV, JSON lines, and both as Timesketch takes them.
 *
 * CSV is RFC 4180: UTF-8, CRLF, a line of names first. What cannot be shown is made visible, and what a spreadsheet would
 * take for a formula has an apostrophe in front (cell.h). JSON lines are exact; where a text is not UTF-8 a field NAME_hex
 * has its bytes. An absent value is an empty field of CSV and no field of JSON. */
#pragma once

#include "recorder/query/row.h"

/* What a line may hold beyond the columns of row.h. */
enum {
	ROW_FORMAT_MESSAGE = ROW_COLUMNS, /* "message": the event in one line, in words */
	ROW_FORMAT_ARGS,                  /* "process.args", of rows of processes; JSON only */
	ROW_FORMAT_COLUMNS,
};
/* NULL for another number. */
const char *row_format_column_name(int column);
/* ROW_FORMAT_COLUMNS when there is none of that name. */
int row_format_column_find(struct span name);

struct row_format_columns {
	int columns[ROW_FORMAT_COLUMNS]; /* in order, none twice */
	size_t n;
};
/* All of row.h, and the exact arguments. */
struct row_format_columns row_format_all(void);
/* "a,b,c": 0, or -EINVAL with the name that is none, or there twice, in *ret_wrong. */
int row_format_columns_parse(struct span list, struct row_format_columns *ret, struct span *ret_wrong);

/* One row's line: what it is made from. */
struct row_format_line {
	const struct reader_row *row;
	const struct span *args; /* exact arguments of the row's image; NULL: not asked for */
	size_t n_args;
};

struct row_format {
	const char *name;
	/* What comes before the rows; may append nothing. */
	void (*head)(struct buf *out, const struct row_format_columns *columns);
	/* One row with its newline. */
	void (*row)(struct buf *out, const struct row_format_columns *columns, const struct row_format_line *line);
	bool takes_args;
};

/* "table", "csv", "json", "timesketch", "timesketch-csv"; NULL for another name. */
const struct row_format *row_format_find(const char *name);

/* The event in one line: "ProcessCreate: /usr/bin/curl -s http://…", for Timesketch and the column "message". */
void row_format_message(struct buf *out, const struct reader_row *row);
