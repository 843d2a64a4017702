/* export: rows of a recording in a file for other programs, with what must be known to trust it: what was asked, of which
 * file (by its SHA-256), whether that was all that happened, when and by what it was written. XLSX has that on a sheet of
 * its own, the others have it beside them, in NAME.meta.json: one JSON object of the same facts.
 *
 * Rows go through in bounded memory. The file appears under its name when it is whole, and only then; without a name it
 * goes with us, whatever ends us (where the file system knows no nameless files it has a hidden name meanwhile).
 *
 * No GLib: the command line calls it, and the app on a thread of its own, each with a reader of its own. */
#pragma once

#include "recorder/query/row-format.h"
#include "recorder/sha256.h"

enum export_format { EXPORT_XLSX, EXPORT_CSV, EXPORT_JSON, EXPORT_TIMESKETCH, EXPORT_TIMESKETCH_CSV, EXPORT_FORMATS };

struct export_format_info {
	const char *name;   /* on the command line: "jsonl" */
	const char *suffix; /* of file names: ".jsonl" */
	const char *rows;   /* of row_format_find; NULL: no lines of text */
};
const struct export_format_info *export_format_info(enum export_format format);
/* EXPORT_FORMATS when it is none. */
enum export_format export_format_find(const char *name);
/* By the longest ending of the path that is one. */
enum export_format export_format_of_path(const char *path);

/* The hash of a file as it was then; zeroed: not known. */
struct export_known {
	char sha256[SHA256_TEXT];
	uint64_t device, inode, size;
	int64_t modified_ns;
};

/* What people say of a row. */
struct export_note {
	int64_t event;
	struct row_format_note note;
};

struct export_request {
	struct reader *reader;
	const char *source;     /* the recording's path: it is hashed, and never written to */
	bool live;              /* it is no file: nothing is hashed */
	const char *source_name; /* as people know it */
	const char *expression; /* "": everything */
	struct reader_range range;
	enum reader_order order;
	enum export_format format;
	struct row_format_columns columns;
	const struct export_note *notes; /* by event, for the columns of notes */
	size_t n_notes;
	const char *notes_file; /* the name of the file that has them; NULL: there are none */
	const char *path;       /* an existing file is replaced */
	/* The hash of the source takes seconds: it is computed beside the rows, and kept here for the next time. May be NULL */
	struct export_known *known;
};

struct export_result {
	uint64_t rows, events, noted; /* noted: rows of which something is said */
	uint64_t cut; /* cells longer than a spreadsheet takes */
};

/* `total` 0: not known yet. Rows all written: the source is still being hashed, or the file being brought to the disk. */
typedef void export_progress_fn(uint64_t rows, uint64_t total, void *data);

/* 0, or a negative errno with one malloc'd line "what: why" in *ret_error (NULL when memory is out); then nothing is left
 * behind, and a file of that name is as it was. -ECANCELED within 100 ms of the wish. */
int export_run(const struct export_request *q, struct cancel *cancel, export_progress_fn *progress, void *data,
               struct export_result *ret, char **ret_error);
