/* collate: remembers the rows of the last while, so that an event like one of them is counted there instead of getting
 * a row of its own. Alike: the same image, action, objects, result, ports and flags, and no details; within the window
 * after the row's first event. Only what files and connections do is collated here: who was started, ended or logged
 * on is never. (Programs looked for along PATH share a row too: rows-event.c.) Memory is bounded: where two rows want
 * one place the older is forgotten, and what comes later gets a new row.
 * Inside recorder/store only.
 */
#pragma once

#include "recorder/event.h"

enum { COLLATE_PLACES = 1 << 14, COLLATE_WRITTEN = -1 };

struct collated {
	int64_t image, object, object2; /* texts' ids; these to flags: what must be the same */
	int32_t action, result, port, port2, flags;
	int32_t held;     /* where the row is held back; COLLATE_WRITTEN: in the database */
	int64_t id;       /* of the row; 0: a free place */
	int64_t first_ms, last_ms;
	uint64_t count;
	bool changed;     /* since it was written */
};

struct collate {
	int64_t window_ms; /* 0: nothing is collated */
	struct collated *places;
};

/* May such an event share a row? */
bool collate_may(const struct collate *c, const struct event *e);
/* The place for an event like `key` (its identifying members filled). */
struct collated *collate_place(struct collate *c, const struct collated *key);
/* Is that place's row one that the event at time_ms can be counted in? */
bool collate_matches(const struct collate *c, const struct collated *place, const struct collated *key, int64_t time_ms);
/* Forgets all rows: after a rollback, or once rows were deleted. */
void collate_forget(struct collate *c);
