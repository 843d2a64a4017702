/* export-writer: rows, and then what is to be said of them, in one format. */
#pragma once

#include "gui/export-facts.h"
#include "gui/export-file.h"

struct export_writer;
struct export_writer_ops {
	int (*begin)(struct export_writer *w);
	int (*row)(struct export_writer *w, const struct row_format_line *line);
	int (*rows_end)(struct export_writer *w); /* cut and file_sha256 are known now */
	int (*end)(struct export_writer *w, const struct export_facts *facts);
	void (*free)(struct export_writer *w);
};

/* Implementations embed this first. All return 0 or a negative errno. */
struct export_writer {
	const struct export_writer_ops *ops;
	struct export_file *file;
	struct row_format_columns columns;
	uint64_t total;                /* rows to come; 0: not known */
	int64_t now_ms;                /* for the time of what is inside */
	uint64_t cut;
	char file_sha256[SHA256_TEXT]; /* "" where it is not known */
	bool has_facts;                /* in the file itself */
};

/* NULL when memory is out. The caller fills in file, columns, total and now_ms before begin. */
struct export_writer *export_text_new(const struct row_format *format);
struct export_writer *export_xlsx_new(void);
