/* exits: ends of processes that wait for the records of their time.
 *
 * A death by a signal waits until those before it are interpreted, so that the next process with that pid is told from
 * it. An exit code waits longer: it may be the first thread's only, and then the record of the real end comes first. */
#pragma once

#include "recorder/process.h"

enum {
	EXITS_MAX = 65536,
	EXITS_AFTER_MS = 50,   /* an event so much later was handed on: those before it were, too */
	EXITS_QUIET_MS = 3000, /* no later event: longer than an event may stay incomplete */
};

struct exits {
	struct process_reaped *ring;
	size_t cap, first, n;
};

/* 0, -ENOMEM, -ENOBUFS: EXITS_MAX wait already. */
int exits_add(struct exits *x, const struct process_reaped *end);
/* The one that came first, if it was not after until_ms. */
bool exits_take(struct exits *x, int64_t until_ms, struct process_reaped *ret);
void exits_free(struct exits *x);
