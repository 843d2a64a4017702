/* baseline: the processes that run when a recording starts, and those that a database left open when it stopped. */
#pragma once

#include "agent/base/map.h"
#include "recorder/procfs.h"
#include "recorder/recording.h"
#include "recorder/store/store.h"

#define BASELINE_META_HOST "host" /* what it is called, when a recording ends */

/* What the database knows of this boot, read before its storing thread starts. */
struct baseline {
	int64_t boot;         /* its id in the database, 0 unknown */
	char *was_called;     /* the host, when it was recorded last; NULL unknown */
	int64_t stopped_ms;   /* until when it was recorded before, as far as is known; 0: never */
	int64_t last_ms;      /* of the last event; 0: there is none */
	struct arena arena;
	struct map open;      /* pid → struct store_open_process in `arena` */
};

/* 0 or negative errno of the store. */
int baseline_load(struct baseline *b, struct store *s, const struct procfs *p);
void baseline_free(struct baseline *b);

/* Adds every process that runs to r: those of before under their ids, the others as new (PROCESS_BASELINE), parents
 * first. Ends those that are gone. Adds the gap since it was recorded before. `known` gets those of before too, as
 * ITEM_PROCESS and ITEM_IMAGE: r does not tell them again. 0 or negative errno. */
int baseline_add(struct baseline *b, struct procfs *p, struct recording *r, int64_t now_ms, struct batch *known);

/* Is the process that /proc shows the one the database knows, and not a later one with the same pid? */
bool baseline_same(const struct store_open_process *known, const struct process_start *seen);
