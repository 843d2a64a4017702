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
	ROW_FORMAT_MARKED,                /* "note.marked", "note.tags", "note.comment": what people say of the row */
	ROW_FORMAT_TAGS,
	ROW_FORMAT_COMMENT,
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
/* Those of notes too, behind the others, where they are not there yet. */
void row_format_add_notes(struct row_format_columns *columns);
/* "a,b,c": 0, or -EINVAL with the name that is none, or there twice, in *ret_wrong. */
int row_format_columns_parse(struct span list, struct row_format_columns *ret, struct span *ret_wrong);

/* What is said of a row. Texts may be empty. */
struct row_format_note {
	bool marked;
	struct span tags; /* a newline between two */
	struct span comment;
};
/* One row's line: what it is made from. */
struct row_format_line {
	const struct reader_row *row;
	const struct span *args; /* exact arguments of the row's image; NULL: not asked for */
	size_t n_args;
	const struct row_format_note *note; /* NULL: nothing is said of it */
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

/* One of the columns of notes in a cell of text: "1", "c2, staging". Appends nothing where nothing is said. */
void row_format_note_cell(struct buf *out, int column, const struct row_format_note *note);
/* The event in one line: "ProcessCreate: /usr/bin/curl -s http://…", for Timesketch and the column "message". */
void row_format_message(struct buf *out, const struct reader_row *row);
