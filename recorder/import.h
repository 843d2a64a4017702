/* import: audit logs into a database, all or nothing. For the command line and the desktop app. */
#pragma once

#include "agent/base/cancel.h"
#include "agent/base/span.h"

/* From the calling thread, a few times a second at most. total is 0 when it is not known (standard input). */
typedef void import_progress_fn(int64_t done, int64_t total, void *data);

struct import_config {
	const char *db;          /* made when it is not there, else added to */
	const char *const *logs; /* "-" is standard input. Put in the order of their first records' times */
	size_t n_logs;
	struct cancel *cancel;   /* NULL: cannot be cancelled */
	import_progress_fn *progress; /* NULL: none */
	void *data;
};

struct import_result {
	uint64_t records, events, unparsed; /* events: audit events */
	uint64_t rows;                      /* rows of table event */
	int64_t ms;                         /* how long it took */
};

enum { IMPORT_LOGS_MAX = 512 };

/* Blocks; uses a second thread for storing. A new database appears complete or not at all
 * (STORE_IMPORT); an existing one is changed in one transaction.
 * 0; -ECANCELED; -ENODATA: the logs hold no audit record; else as logfile_open, logfile_read, store_open, store_write.
 * On failure *ret_error is one malloc'd line "PATH: what". */
int import_run(const struct import_config *c, struct import_result *ret, char **ret_error);
