/* earlier: logons from before this recording began, out of wtmp and btmp (wtmp.h) into it. What the database has already,
 * recorded or read, is left out. */
#pragma once

#include "recorder/procfs.h"
#include "recorder/recording.h"
#include "recorder/store/store.h"
#include "recorder/wtmp.h"

struct earlier {
	struct wtmp wtmp;
	bool first; /* nothing was recorded before */
	bool empty; /* nor is a log in the database: a reader knows of the time between that and the recording */
};

/* Before the store has its own thread. stopped_ms: until when it was recorded before, 0 never; max_age_ms: 0 any.
 * 0 or -ENOMEM. */
int earlier_load(struct earlier *e, struct store *s, const char *folder, int64_t stopped_ms, int64_t now_ms,
                 int64_t max_age_ms);
/* Adds them to r, behind the processes that run. When they are the first of a database, the time from the earliest to
 * now_ms becomes a gap: it was not recorded. 0 or negative errno. */
int earlier_add(struct earlier *e, struct procfs *p, struct recording *r, int64_t now_ms);
void earlier_free(struct earlier *e);
