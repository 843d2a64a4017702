/* casefile-def: what the parts of casefile share. Inside server/evidence only. */
#pragma once

#include <sqlite3.h>

#include "server/evidence/casefile.h"

struct casefile {
	sqlite3 *db;
	int64_t data_version; /* of the last casefile_changed; -1: none */
};

/* Begins a change: waits for others. End it with casefile_end. */
int casefile_begin(struct casefile *c);
/* Commits when `r` is 0, else takes everything back. Returns what became of it. */
int casefile_end(struct casefile *c, int r);
